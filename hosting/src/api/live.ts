/** Keeps asking as fast as the server says that asking is worth something, and no faster. */
import { signal } from '@preact/signals';
import { now_ms } from '../lib/clock.ts';
import { Failure, wordsFor } from './failure.ts';

/** A store that makes no promise of freshness has news at any time. */
const LEAST_MS = 2_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** What the page says about its connection. */
export type Connection =
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly failure: Failure; readonly until_ms: number }
  /** Asking again would change nothing. */
  | { readonly kind: 'refused'; readonly failure: Failure };

/** How the question on screen fares. There is one at a time. */
export const connection = signal<Connection>({ kind: 'live' });

type Ask = (signal: AbortSignal) => Promise<{ readonly fresh_for_ms: number }>;

/** One question that is asked again and again until it is stopped; not while the tab is hidden. */
export class Live {
  readonly #ask: Ask;
  readonly #stop = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #due_ms = 0;
  #failures = 0;

  /** `ask` shows what it learns, and what it knows better words for than its failure's own. */
  constructor(ask: Ask) {
    this.#ask = ask;
    document.addEventListener('visibilitychange', () => this.#schedule(), { signal: this.#stop.signal });
    window.addEventListener('online', () => this.now(), { signal: this.#stop.signal });
    this.now();
  }

  /** Asks at once: what is asked for has changed. */
  now(): void {
    this.#due_ms = Date.now();
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
    connection.value = { kind: 'live' };
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const is_over = this.#stop.signal.aborted || this.#due_ms === Infinity;
    if (document.hidden || this.#asking || is_over) return;
    this.#timer = setTimeout(() => void this.#turn(), Math.max(0, this.#due_ms - Date.now()));
  }

  async #turn(): Promise<void> {
    this.#asking = true;
    const asked_ms = Date.now();
    this.#due_ms = Infinity;
    let wait_ms: number;
    try {
      const { fresh_for_ms } = await this.#ask(this.#stop.signal);
      this.#failures = 0;
      wait_ms = Math.max(LEAST_MS, fresh_for_ms);
      if (!this.#stop.signal.aborted) connection.value = { kind: 'live' };
    } catch (error) {
      wait_ms = this.#failed(error);
    } finally {
      this.#asking = false;
    }
    // Whoever called `now` meanwhile does not wait.
    this.#due_ms = Math.min(this.#due_ms, Math.max(asked_ms, Date.now()) + wait_ms);
    this.#schedule();
  }

  #failed(error: unknown): number {
    if (this.#stop.signal.aborted || isDropped(error)) return Infinity;
    const failure = error instanceof Failure ? error : new Failure('unreadable', wordsFor(error));
    if (failure !== error) reportError(error);
    if (!failure.isPassing) {
      connection.value = { kind: 'refused', failure };
      return Infinity;
    }
    this.#failures += 1;
    const own_ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    // Many pages wait for one server: they do not all come back at once.
    const wait_ms = Math.max(failure.retry_after_ms ?? 0, own_ms) * (1 + Math.random() / 4);
    connection.value = { kind: 'waiting', failure, until_ms: now_ms() + wait_ms };
    return wait_ms;
  }
}

/** Whether the session ended while the question was under way: then nobody waits for its answer. */
function isDropped(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
