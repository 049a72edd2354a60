import { MINUTE_MS } from '../clock.ts';
import type { Session } from '../model/entities.ts';
import { Allowance } from './allowance.ts';
import { DASHBOARD_READS_PER_MINUTE } from './dashboard-reads.ts';
import { ReadLedger } from './read-ledger.ts';
import { UserReads } from './user-reads.ts';

const MAX_DASHBOARDS = 2_000;
const MAX_USERS = MAX_DASHBOARDS;
const MAX_QUESTIONS = 300;
/** Of all its questions together: far more than make the longest pace. */
const MAX_DEVICES = 1_000;
/** Several tabs ask the same, each with its own last answer. */
const MAX_LIMITS = 4;
/** A dashboard is taken to be shared for so long after a sign that another instance answers it too. */
const SHARED_FOR_MS = 2 * MINUTE_MS;

/** What a dashboard keeps asking. */
interface Question {
  readonly device_ids: readonly string[];
  /** The limits of freshness that its askers were told lately, by whichever instance. */
  readonly limits_ms: readonly number[];
  /** From when on it is taken to be no longer on screen. */
  readonly gone_ms: number;
}

/** One session as this instance sees it: what it has on screen and what it has read. */
export class Dashboard {
  readonly ledger = new ReadLedger(DASHBOARD_READS_PER_MINUTE);
  /** What its user reads with all dashboards. */
  readonly user: UserReads;
  readonly #questions = new Map<string, Question>();
  #ids = 0;
  /** Counted when it is asked for, until a question comes or goes. */
  #shown: { readonly devices: number; readonly until_ms: number } | null = null;
  #shared_until_ms = -Infinity;

  constructor(user = new UserReads()) {
    this.user = user;
  }

  /** How many devices it shows. */
  shown(now_ms: number): number {
    if (this.#shown === null || now_ms >= this.#shown.until_ms) this.#shown = this.#count(now_ms);
    return Math.max(1, this.#shown.devices);
  }

  /** How many devices its questions are about, each question by itself. */
  looks(now_ms: number): number {
    this.shown(now_ms);
    return this.#ids;
  }

  /** Whether another instance reads for it as well: then each has half of the budget for asking again. */
  isShared(now_ms: number): boolean {
    return now_ms < this.#shared_until_ms;
  }

  /**
   * `held_ms` is the limit of the answer that the asker has already; null when it has none. One that was not set here tells
   * of another instance, or of this one before it was started anew: it too may have read within the last minute.
   */
  asked(key: string, device_ids: readonly string[] | null, held_ms: number | null, now_ms: number): void {
    const is_ours = held_ms === null || this.#questions.get(key)?.limits_ms.includes(held_ms) === true;
    if (!is_ours) this.#shared_until_ms = now_ms + SHARED_FOR_MS;
    this.answered(key, device_ids, held_ms, now_ms);
  }

  /** It stays on screen for a few of its answers, because not every one is asked of this instance. */
  answered(key: string, device_ids: readonly string[] | null, until_ms: number | null, now_ms: number): void {
    const known = this.#questions.get(key);
    this.#forget(key);
    const fresh_for_ms = Math.max(0, (until_ms ?? now_ms) - now_ms);
    const gone_ms = Math.max(known?.gone_ms ?? 0, now_ms + MINUTE_MS + 3 * fresh_for_ms);
    const room = MAX_DEVICES - this.#ids;
    const kept = device_ids?.slice(0, room).map(copyOf) ?? known?.device_ids.slice(0, room) ?? [];
    const others_ms = (known?.limits_ms ?? []).filter((limit_ms) => limit_ms !== until_ms);
    const limits_ms = until_ms === null ? others_ms : [...others_ms, until_ms].slice(-MAX_LIMITS);
    this.#questions.set(key, { device_ids: kept, limits_ms, gone_ms });
    this.#ids += kept.length;
    const [oldest] = this.#questions.keys();
    if (this.#questions.size > MAX_QUESTIONS && oldest !== undefined) this.#forget(oldest);
  }

  #count(now_ms: number): { devices: number; until_ms: number } {
    const devices = new Set<string>();
    let until_ms = Infinity;
    for (const [key, question] of this.#questions) {
      if (question.gone_ms > now_ms) {
        until_ms = Math.min(until_ms, question.gone_ms);
        for (const device_id of question.device_ids) devices.add(device_id);
      } else {
        // Its limits are remembered: it may come back with one of them.
        this.#ids -= question.device_ids.length;
        this.#questions.set(key, { ...question, device_ids: [] });
      }
    }
    return { devices: devices.size, until_ms };
  }

  #forget(key: string): void {
    this.#ids -= this.#questions.get(key)?.device_ids.length ?? 0;
    this.#questions.delete(key);
    this.#shown = null;
  }
}

/** A part of a text keeps all of it in memory: a query may be kilobytes long. */
function copyOf(device_id: string): string {
  return Buffer.from(device_id).toString();
}

/** Whose request it is. */
type Asker = Pick<Session, 'tenant_id' | 'user_id' | 'session_id'>;

/** The dashboards and users that this instance has answered lately; the least used leave first. */
export class Dashboards {
  readonly #users = new Map<string, UserReads>();
  readonly #dashboards = new Map<string, Dashboard>();

  /** One request of a session, which has cost `reads` so far. */
  allowance({ tenant_id, user_id, session_id }: Asker, now_ms: number, reads: number): Allowance {
    const user = lately(this.#users, `${tenant_id} ${user_id}`, MAX_USERS, () => new UserReads());
    const dashboard = lately(this.#dashboards, session_id, MAX_DASHBOARDS, () => new Dashboard(user));
    dashboard.ledger.book(now_ms, reads);
    return new Allowance(dashboard, now_ms);
  }
}

/** What is known under `key`, now the last to be forgotten. */
function lately<T>(known: Map<string, T>, key: string, most: number, make: () => T): T {
  const value = known.get(key) ?? make();
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > most && oldest !== undefined) known.delete(oldest);
  return value;
}
