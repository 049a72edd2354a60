import type { Meter } from '../observability/meter.ts';
import { loggedRun } from '../observability/scheduled-run.ts';
import type { Suite } from '../suite.ts';

/** Says in one line what it did. Ends early, with what it has, when `stopping` is aborted; counts on `meter`, if it can. */
export type ScheduledWork = (suite: Suite, stopping?: AbortSignal, meter?: Meter) => Promise<string>;

/** One scheduled function: how often it runs, and the work. */
export interface Schedule {
  readonly every_ms: number;
  readonly load: () => Promise<{ readonly default: ScheduledWork }>;
}

export type Schedules = Readonly<Record<string, Schedule>>;

/** Soon after start, so that a box which is restarted often still sweeps; not at once, so that starting stays quick. */
const FIRST_RUN_MS = 5_000;

/** Runs each schedule in this process; the next run of one is planned when the last has ended, so none overlap. */
export class Scheduler {
  readonly #suite: Suite;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(suite: Suite, schedules: Schedules, first_run_ms = FIRST_RUN_MS) {
    this.#suite = suite;
    for (const [name, schedule] of Object.entries(schedules)) {
      this.#plan(name, schedule, Math.min(first_run_ms, schedule.every_ms));
    }
  }

  /** Starts nothing more, asks what is running to end early and waits for it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #plan(name: string, schedule: Schedule, delay_ms: number): void {
    if (this.#stopping.signal.aborted) return;
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

  /** A run that fails is told in the log and tried again at its next time; one that fails by being stopped is no news. */
  async #run(name: string, schedule: Schedule): Promise<void> {
    const { signal } = this.#stopping;
    const work = async (meter: Meter): Promise<string> => (await schedule.load()).default(this.#suite, signal, meter);
    await loggedRun(this.#suite, name, work, signal);
  }
}
