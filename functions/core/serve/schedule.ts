import { stackOf } from '../observability/log.ts';
import type { Suite } from '../suite.ts';

/** One scheduled function: how often it runs, and the work, which says in one line what it did. */
export interface Schedule {
  readonly every_ms: number;
  readonly load: () => Promise<{ readonly default: (suite: Suite) => Promise<string> }>;
}

export type Schedules = Readonly<Record<string, Schedule>>;

/** Soon after start, so that a box which is restarted often still sweeps; not at once, so that starting stays quick. */
const FIRST_RUN_MS = 5_000;

/** Runs each schedule in this process; the next run of one is planned when the last has ended, so none overlap. */
export class Scheduler {
  readonly #suite: Suite;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(suite: Suite, schedules: Schedules, first_run_ms = FIRST_RUN_MS) {
    this.#suite = suite;
    for (const [name, schedule] of Object.entries(schedules)) {
      this.#plan(name, schedule, Math.min(first_run_ms, schedule.every_ms));
    }
  }

  /** Starts nothing more and waits for what is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #plan(name: string, schedule: Schedule, delay_ms: number): void {
    if (this.#stopped) return;
    const started_ms = performance.now();
    const timer = setTimeout(() => {
      const run = this.#run(name, schedule).then(() => {
        this.#running.delete(run);
        const late_ms = performance.now() - started_ms - delay_ms;
        this.#plan(name, schedule, Math.max(0, schedule.every_ms - late_ms));
      });
      this.#running.add(run);
    }, delay_ms);
    this.#timers.set(name, timer.unref());
  }

  /** A run that fails is told in the log and tried again at its next time. */
  async #run(name: string, schedule: Schedule): Promise<void> {
    const { logger } = this.#suite;
    try {
      const { default: work } = await schedule.load();
      logger.log('INFO', await work(this.#suite), { schedule: name });
    } catch (error) {
      const stack = stackOf(error);
      logger.log('ERROR', 'schedule failed', { schedule: name, stack });
    }
  }
}
