import { MINUTE_MS } from '../clock.ts';
import { Allowance } from './allowance.ts';
import { DASHBOARD_READS_PER_MINUTE } from './dashboard-reads.ts';
import { ReadLedger } from './read-ledger.ts';

const MAX_DASHBOARDS = 2_000;
const MAX_QUESTIONS = 300;
const MAX_DEVICES_OF_QUESTION = 1_000;
/** A dashboard is taken to be shared for so long after a sign that another instance answers it too. */
const SHARED_FOR_MS = 2 * MINUTE_MS;

/** What a dashboard keeps asking. */
interface Question {
  readonly device_ids: readonly string[];
  /** The limit of freshness that its asker was last told, by whichever instance. */
  readonly until_ms: number | null;
  readonly gone_ms: number;
}

/** One session as this instance sees it: what it has on screen and what it has read. */
export class Dashboard {
  readonly ledger = new ReadLedger(DASHBOARD_READS_PER_MINUTE);
  readonly #questions = new Map<string, Question>();
  #shared_until_ms = -Infinity;

  /** How many devices it shows. */
  shown(now_ms: number): number {
    const devices = new Set<string>();
    for (const [key, { device_ids, gone_ms }] of this.#questions) {
      if (gone_ms <= now_ms) this.#questions.delete(key);
      else for (const device_id of device_ids) devices.add(device_id);
    }
    return Math.max(1, devices.size);
  }

  /** Whether another instance reads for it as well: then each has half of the budget for asking again. */
  isShared(now_ms: number): boolean {
    return now_ms < this.#shared_until_ms;
  }

  /** `held_ms` is the limit of the answer that the asker has already; null when it has none. */
  asked(key: string, device_ids: readonly string[] | null, held_ms: number | null, now_ms: number): void {
    if (held_ms !== null && held_ms !== this.#questions.get(key)?.until_ms) {
      this.#shared_until_ms = now_ms + SHARED_FOR_MS;
    }
    this.answered(key, device_ids, held_ms, now_ms);
  }

  /** It stays on screen for a few of its answers, because not every one is asked of this instance. */
  answered(key: string, device_ids: readonly string[] | null, until_ms: number | null, now_ms: number): void {
    const known = this.#questions.get(key);
    const fresh_for_ms = Math.max(0, (until_ms ?? now_ms) - now_ms);
    const gone_ms = Math.max(known?.gone_ms ?? 0, now_ms + MINUTE_MS + 3 * fresh_for_ms);
    const kept = device_ids?.slice(0, MAX_DEVICES_OF_QUESTION) ?? known?.device_ids ?? [];
    this.#questions.delete(key);
    this.#questions.set(key, { device_ids: kept, until_ms: until_ms ?? known?.until_ms ?? null, gone_ms });
    const [oldest] = this.#questions.keys();
    if (this.#questions.size > MAX_QUESTIONS && oldest !== undefined) this.#questions.delete(oldest);
  }
}

/** The dashboards that this instance has answered lately; the least used leave first. */
export class Dashboards {
  readonly #known = new Map<string, Dashboard>();

  /** One request of a session, which has cost `reads` so far. */
  allowance(session_id: string, now_ms: number, reads: number): Allowance {
    const dashboard = this.#known.get(session_id) ?? new Dashboard();
    this.#known.delete(session_id);
    this.#known.set(session_id, dashboard);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_DASHBOARDS && oldest !== undefined) this.#known.delete(oldest);
    dashboard.ledger.book(now_ms, reads);
    return new Allowance(dashboard, now_ms);
  }
}
