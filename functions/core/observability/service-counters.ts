import { MINUTE_MS, type Clock } from '../clock.ts';
import { PROBLEMS, type ProblemCode } from '../errors.ts';
import type { Permission } from '../model/role.ts';
import { countLatency, MAX_DASHBOARDS } from './minute-counters.ts';
import { MinuteRing } from './minute-ring.ts';
import { NOTHING_SERVED, type ServiceSpan } from './service-counts.ts';

/** One request that was answered, as far as service levels care. */
export interface ServedAnswer {
  /** Whether the last 100 points were given. */
  readonly last_hundred: boolean;
  readonly permission: Permission | undefined;
  readonly session_id: string | undefined;
  readonly reads: number;
  readonly latency_ms: number;
  /** Undefined when it was no failure. */
  readonly failure: ProblemCode | undefined;
}

interface Minute {
  readonly start_ms: number;
  requests: number;
  failures: number;
  reads: number;
  readonly dashboards: Set<string>;
  readonly last_hundred: number[];
  /** Whether it was counted on since it was kept. */
  changed: boolean;
}

/** Counts what this process answers, by the minute and in bounded memory, until a store keeps it. */
export class ServiceCounters {
  readonly #minutes: MinuteRing<Minute>;

  constructor(clock: Clock) {
    this.#minutes = new MinuteRing(clock, empty);
  }

  answered({ last_hundred, permission, session_id, reads, latency_ms, failure }: ServedAnswer): void {
    const minute = this.#minutes.current;
    minute.changed = true;
    minute.requests += 1;
    if (failure !== undefined && PROBLEMS[failure].status >= 500) minute.failures += 1;
    if (permission === 'telemetry.read' && session_id !== undefined) {
      minute.reads += reads;
      if (minute.dashboards.size < MAX_DASHBOARDS) minute.dashboards.add(session_id);
    }
    if (last_hundred) countLatency(minute.last_hundred, latency_ms);
  }

  /** Hands over each minute that has changed, whole; whoever stores it replaces what it has. What fails is tried again. */
  async keep(save: (minutes: readonly ServiceSpan[]) => Promise<void>): Promise<void> {
    const changed = this.#minutes.all.filter((minute) => minute.changed);
    if (changed.length === 0) return;
    for (const minute of changed) minute.changed = false;
    try {
      await save(changed.map(frozen));
    } catch (error) {
      for (const minute of changed) minute.changed = true;
      throw error;
    }
    this.#minutes.forgetPast((minute) => minute.changed);
  }
}

function empty(start_ms: number): Minute {
  const { requests, failures, reads, last_hundred } = NOTHING_SERVED;
  const counts = { requests, failures, reads, last_hundred: [...last_hundred] };
  return { start_ms, ...counts, dashboards: new Set(), changed: false };
}

/** As it is now: what is counted later does not change it. */
function frozen({ start_ms, requests, failures, reads, dashboards, last_hundred }: Minute): ServiceSpan {
  const counts = { requests, failures, reads, last_hundred: [...last_hundred] };
  return { start_ms, span_ms: MINUTE_MS, ...counts, dashboard_minutes: dashboards.size };
}
