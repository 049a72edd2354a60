import { MINUTE_MS, type Clock } from '../clock.ts';
import { sha256 } from '../ids.ts';
import type { Concern } from '../model/flags.ts';
import { latencyBucket, MAX_DASHBOARDS, noCounters, type MinuteCounters } from './minute-counters.ts';

/** Minutes that nobody drains are forgotten, the oldest first. */
const MAX_MINUTES = 30;
const DIGEST_LENGTH = 12;

interface Minute {
  readonly minute_ms: number;
  readonly concerns: Record<Concern, { operations: number; failures: number; index_not_ready: number }>;
  tenant_leaks: number;
  last_leak_ms: number | null;
  reads: number;
  readonly dashboards: Set<string>;
  readonly last_hundred: number[];
}

/** What this process sees of Firestore, by the minute, in bounded memory, until it is drained into a store. */
export class Counters {
  readonly #clock: Clock;
  #minutes: Minute[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call to Firestore came back, with or without success. */
  operation(concern: Concern, ok: boolean): void {
    const counted = this.#minute().concerns[concern];
    counted.operations += 1;
    if (!ok) counted.failures += 1;
  }

  /** A query was refused for want of its index. */
  indexNotReady(concern: Concern = 'telemetry'): void {
    this.#minute().concerns[concern].index_not_ready += 1;
  }

  /** A `TenantLeak` was thrown. */
  tenantLeak(): void {
    const minute = this.#minute();
    minute.tenant_leaks += 1;
    minute.last_leak_ms = this.#clock.now_ms();
  }

  /** Documents read from Firestore to answer a dashboard. */
  reads(documents: number): void {
    this.#minute().reads += documents;
  }

  /** A dashboard asked for telemetry. */
  dashboard(session_id: string): void {
    const { dashboards } = this.#minute();
    if (dashboards.size < MAX_DASHBOARDS) dashboards.add(session_id);
  }

  /** "Last 100 points" was answered from Firestore. */
  lastHundred(latency_ms: number): void {
    const { last_hundred } = this.#minute();
    const bucket = latencyBucket(latency_ms);
    last_hundred[bucket] = (last_hundred[bucket] ?? 0) + 1;
  }

  /**
   * All that was counted, oldest first: minutes that are over, which are then forgotten, and the current one so far,
   * which is counted on. Whoever stores them replaces what it has of a minute.
   */
  drain(): readonly MinuteCounters[] {
    const current_ms = this.#current_ms();
    const drained = this.#minutes.map(frozen);
    this.#minutes = this.#minutes.filter(({ minute_ms }) => minute_ms >= current_ms);
    return drained;
  }

  #minute(): Minute {
    const minute_ms = this.#current_ms();
    const last = this.#minutes.at(-1);
    // A clock that was set back must not open a minute anew that was drained already.
    if (last !== undefined && last.minute_ms >= minute_ms) return last;
    const minute = empty(minute_ms);
    this.#minutes.push(minute);
    if (this.#minutes.length > MAX_MINUTES) this.#minutes.shift();
    return minute;
  }

  #current_ms(): number {
    const now_ms = this.#clock.now_ms();
    return now_ms - (now_ms % MINUTE_MS);
  }
}

function empty(minute_ms: number): Minute {
  const { concerns, last_hundred } = noCounters(minute_ms);
  return {
    minute_ms,
    concerns: { telemetry: { ...concerns.telemetry }, audit: { ...concerns.audit }, auth: { ...concerns.auth } },
    tenant_leaks: 0,
    last_leak_ms: null,
    reads: 0,
    dashboards: new Set(),
    last_hundred: [...last_hundred],
  };
}

/** As it is now, and no session is named in it: what is counted later does not change it. */
function frozen({ dashboards, ...minute }: Minute): MinuteCounters {
  const digests = [...dashboards].map((session_id) => sha256(session_id).slice(0, DIGEST_LENGTH));
  return { ...structuredClone(minute), dashboards: digests.sort() };
}
