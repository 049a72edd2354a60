import type { ProblemCode } from '../errors.ts';
import { MINUTE_MS, type Clock } from '../clock.ts';
import type { Concern } from '../model/flags.ts';
import type { Permission } from '../model/role.ts';
import { Counters } from '../observability/counters.ts';
import type { Logger } from '../observability/log.ts';
import type { MinuteCounters } from '../observability/minute-counters.ts';
import type { ReadWatch } from '../stores/box/outage.ts';
import type { Journal } from '../stores/journal.ts';
import { firedTriggers, TRIGGER_LOOKBACK_MS, type FiredTrigger } from './triggers.ts';

/** One request that was answered, as far as the guard cares. */
export interface Answered {
  /** Whether the last 100 points were given. */
  readonly last_hundred: boolean;
  readonly permission: Permission | undefined;
  readonly session_id: string | undefined;
  readonly reads: number;
  /** Whether the store was asked at all. */
  readonly touched: boolean;
  readonly latency_ms: number;
  /** Undefined when it was no failure. */
  readonly failure: ProblemCode | undefined;
  readonly leaked: boolean;
}

export interface WatchParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names this process among those that share a box's file. */
  readonly process: string;
}

/** What this process sees of Firestore, by the minute: a box's file takes it for the guard, a cloud home alerts by it. */
export class Watch {
  readonly process: string;
  readonly #parts: WatchParts;
  readonly #counters: Counters;
  readonly #failing = new Set<Concern>();
  /** By minute; what was stored or judged, and whether it has changed since. */
  readonly #minutes = new Map<number, MinuteCounters>();
  readonly #stored = new Map<number, string>();
  #standsAlone: () => boolean = () => false;
  #alarmed_ms = 0;
  #told_broken_ms = 0;
  /** When it told what, by its words. */
  readonly #told_ms = new Map<string, number>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.process = parts.process;
    this.#counters = new Counters(parts.clock);
  }

  /** For the reads of a box. */
  get reads(): ReadWatch {
    return {
      operation: (concern, ok) => {
        if (ok) this.#failing.delete(concern);
        else this.#failing.add(concern);
        this.#counters.operation(concern, ok);
      },
      indexNotReady: (concern) => this.#counters.indexNotReady(concern),
      tenantLeak: () => this.#counters.tenantLeak(),
      brokenDocument: (what) => this.#tellBroken(what),
    };
  }

  /** Concerns whose last question to Firestore failed, so that SQLite answers. */
  get failing(): ReadonlySet<Concern> {
    return this.#failing;
  }

  /** While `so`, this home has no box to judge it: it counts its requests, and alerts. */
  standAloneWhile(so: () => boolean): void {
    this.#standsAlone = so;
  }

  answered(answer: Answered): void {
    if (answer.permission === 'telemetry.read' && answer.session_id !== undefined) {
      this.#counters.dashboard(answer.session_id);
      this.#counters.reads(answer.reads);
    }
    if (answer.last_hundred && answer.reads > 0) this.#counters.lastHundred(answer.latency_ms);
    if (!this.#standsAlone()) return;
    if (answer.touched) this.#countOperation(answer);
    this.alarm();
  }

  /** Told once a minute at most: whoever looks at such a device asks again and again. */
  #tellBroken(what: string): void {
    const { clock, logger } = this.#parts;
    const now_ms = clock.now_ms();
    if (Math.abs(now_ms - this.#told_broken_ms) < MINUTE_MS) return;
    this.#told_broken_ms = now_ms;
    logger.log('ERROR', `changed by hand, so SQLite answers: ${what}`);
  }

  #countOperation({ permission, failure, leaked }: Answered): void {
    const concern = concernOf(permission);
    if (leaked) this.#counters.tenantLeak();
    if (failure === 'index_not_ready') this.#counters.indexNotReady(concern);
    const failed = leaked || failure === 'index_not_ready' || failure === 'store_unavailable';
    this.reads.operation(concern, !failed);
  }

  /** Hands over what was counted since it was last handed over. A minute whose storing failed is tried again. */
  async keep(journal: Pick<Journal, 'saveCounters'>): Promise<void> {
    this.#drain();
    for (const [minute_ms, counted] of this.#minutes) {
      const text = JSON.stringify(counted);
      if (this.#stored.get(minute_ms) === text) continue;
      await journal.saveCounters(minute_ms, this.process, counted);
      this.#stored.set(minute_ms, text);
    }
  }

  /** Where nothing can be rolled back: tells what would have been, once a minute. Answers what fired. */
  alarm(): readonly FiredTrigger[] {
    const now_ms = this.#parts.clock.now_ms();
    if (Math.abs(now_ms - this.#alarmed_ms) < MINUTE_MS) return [];
    this.#alarmed_ms = now_ms;
    this.#drain();
    const fired = firedTriggers([...this.#minutes.values()], now_ms);
    this.tell(fired);
    return fired;
  }

  /** Somebody is called by each line, so the same words are not said again while what they tell of is still counted. */
  tell(fired: readonly FiredTrigger[]): void {
    const { clock, logger } = this.#parts;
    const now_ms = clock.now_ms();
    for (const { trigger, saw } of fired) {
      if (now_ms - (this.#told_ms.get(saw) ?? -Infinity) <= TRIGGER_LOOKBACK_MS) continue;
      logger.log('ERROR', `rollback trigger ${trigger}: ${saw}`, { trigger });
      this.#told_ms.set(saw, now_ms);
    }
    for (const [saw, told_ms] of this.#told_ms) {
      if (now_ms - told_ms > TRIGGER_LOOKBACK_MS) this.#told_ms.delete(saw);
    }
  }

  #drain(): void {
    for (const counted of this.#counters.drain()) this.#minutes.set(counted.minute_ms, counted);
    const oldest_ms = this.#parts.clock.now_ms() - TRIGGER_LOOKBACK_MS;
    for (const minute_ms of this.#minutes.keys()) {
      if (minute_ms >= oldest_ms) continue;
      this.#minutes.delete(minute_ms);
      this.#stored.delete(minute_ms);
    }
  }
}

function concernOf(permission: Permission | undefined): Concern {
  if (permission === 'telemetry.read' || permission === 'telemetry.write') return 'telemetry';
  return permission === 'audit.read' ? 'audit' : 'auth';
}
