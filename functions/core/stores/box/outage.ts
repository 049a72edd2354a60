import { MINUTE_MS, SECOND_MS, type Clock } from '../../clock.ts';
import { AccessRefused, Problem } from '../../errors.ts';
import type { Concern } from '../../model/flags.ts';

/** What a watcher of the box's reads from Firestore wants to know; the guard decides by it. */
export interface ReadWatch {
  operation(concern: Concern, ok: boolean): void;
  indexNotReady(concern: Concern): void;
  tenantLeak(): void;
  /** Somebody changed a document by hand; `what` names it and says what is wrong. */
  brokenDocument(what: string): void;
}

export type OutageKind = 'index_not_ready' | 'access_refused' | 'unavailable';

/** Firestore may take this long before SQLite answers instead. */
export const READ_PATIENCE_MS = 2_000;

const FIRST_PAUSE_MS: Readonly<Record<OutageKind, number>> = {
  index_not_ready: 15 * SECOND_MS,
  access_refused: 15 * SECOND_MS,
  unavailable: SECOND_MS,
};
const LONGEST_PAUSE_MS = 2 * MINUTE_MS;

/**
 * Whether this process may ask Firestore for a concern's reads. After a failure SQLite answers alone for a while, and
 * one request is the probe; so a missing index or a store that is away is asked again seldom, not by every request.
 * The store's breaker is below it and for all concerns at once: it must find a store that is back within seconds, because
 * there nobody else can answer. Here somebody can, so the pauses grow, and a missing index is an outage too.
 */
export class Outage {
  readonly #clock: Clock;
  readonly #tell: (kind: OutageKind) => void;
  #pause_ms = 0;
  #next_probe_ms = 0;
  #probing = false;

  /** `tell` is called once for each outage. */
  constructor(clock: Clock, tell: (kind: OutageKind) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get ongoing(): boolean {
    return this.#pause_ms > 0;
  }

  /** True for everybody while all is well, and for one in each pause otherwise. */
  mayAsk(): boolean {
    if (!this.ongoing) return true;
    const now_ms = this.#clock.now_ms();
    if (now_ms < this.#next_probe_ms) return false;
    this.#next_probe_ms = now_ms + this.#pause_ms;
    this.#probing = true;
    return true;
  }

  answered(): void {
    this.#pause_ms = 0;
    this.#probing = false;
  }

  failed(error: unknown): void {
    // Of many questions that were under way when it began, one tells; the others say nothing new.
    if (this.ongoing && !this.#probing) return;
    this.#probing = false;
    const kind = kindOf(error);
    if (!this.ongoing) this.#tell(kind);
    const grown_ms = this.#pause_ms * (2 + Math.random());
    this.#pause_ms = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS[kind], grown_ms));
    this.#next_probe_ms = this.#clock.now_ms() + this.#pause_ms;
  }
}

function kindOf(error: unknown): OutageKind {
  if (!(error instanceof Problem)) return 'unavailable';
  if (error.code === 'index_not_ready') return 'index_not_ready';
  return error.cause instanceof AccessRefused ? 'access_refused' : 'unavailable';
}
