import type { Clock } from '../clock.ts';
import { sha256 } from '../ids.ts';
import type { Concern } from '../model/flags.ts';
import { countLatency, MAX_DASHBOARDS, noCounters, type MinuteCounters } from './minute-counters.ts';
import { MinuteRing } from './minute-ring.ts';

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
  readonly #minutes: MinuteRing<Minute>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#minutes = new MinuteRing(clock, empty);
  }

  /** A call to Firestore came back, with or without success. */
  operation(concern: Concern, ok: boolean): void {
    const counted = this.#minutes.current.concerns[concern];
    counted.operations += 1;
    if (!ok) counted.failures += 1;
  }

  /** A query was refused for want of its index. */
  indexNotReady(concern: Concern = 'telemetry'): void {
    this.#minutes.current.concerns[concern].index_not_ready += 1;
  }

  /** A `TenantLeak` was thrown. */
  tenantLeak(): void {
    const minute = this.#minutes.current;
    minute.tenant_leaks += 1;
    minute.last_leak_ms = this.#clock.now_ms();
  }

  /** Documents read from Firestore to answer a dashboard. */
  reads(documents: number): void {
    this.#minutes.current.reads += documents;
  }

  /** A dashboard asked for telemetry. */
  dashboard(session_id: string): void {
    const { dashboards } = this.#minutes.current;
    if (dashboards.size < MAX_DASHBOARDS) dashboards.add(session_id);
  }

  /** "Last 100 points" was answered from Firestore. */
  lastHundred(latency_ms: number): void {
    countLatency(this.#minutes.current.last_hundred, latency_ms);
  }

  /**
   * All that was counted, oldest first: minutes that are over, which are then forgotten, and the current one so far,
   * which is counted on. Whoever stores them replaces what it has of a minute.
   */
  drain(): readonly MinuteCounters[] {
    const drained = this.#minutes.all.map(frozen);
    this.#minutes.forgetPast();
    return drained;
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
