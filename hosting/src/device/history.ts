/** Loads the tiles that are looked at, one question after another, and leaves the read budget room for what is live. */
import { signal } from '@preact/signals';
import { Page } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { Failure } from '../api/failure.ts';
import { forgetOldReads, readsPerMinute } from '../api/reads.ts';
import { now_ms } from '../lib/clock.ts';
import { delay } from '../lib/delay.ts';
import { untilSeen } from '../lib/until-seen.ts';
import type { Span } from './range.ts';
import { newestOf_ms, type Recent } from './recent.ts';
import { isOutdated, tileName, tilePath, tileStarts, withPage, type Question, type Tile } from './tiles.ts';

/** Documents that the page may have read within a minute before history waits. */
const MOST_READS = 30;
const PAUSE_MS = 1_000;
const WAIT_MS = 10_000;

export interface Wanted {
  readonly question: Question;
  /** Null when nothing beyond the newest points is looked at. */
  readonly span: Span | null;
  readonly recent: Recent;
}

export type Loading =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading' }
  /** For the read budget, or for the server. */
  | { readonly kind: 'waiting'; readonly failure: Failure | null }
  | { readonly kind: 'failed'; readonly failure: Failure };

interface Next {
  readonly question: Question;
  readonly start_ms: number;
  /** The tile as far as it is loaded. */
  readonly before: Tile | undefined;
  readonly newest_ms: number;
}

export class History {
  readonly loading = signal<Loading>({ kind: 'idle' });
  /** By name; a new map whenever a page came. */
  readonly tiles = signal<ReadonlyMap<string, Tile>>(new Map());
  readonly #client: Client;
  readonly #device_id: string;
  readonly #stop = new AbortController();
  /** The tiles whose cursor was refused since all was well. */
  readonly #refused = new Set<string>();
  #wanted: Wanted | null = null;
  #busy = false;

  constructor(client: Client, device_id: string) {
    this.#client = client;
    this.#device_id = device_id;
  }

  /** What is looked at now; what was wanted before and is no longer is not asked for any more. */
  want(wanted: Wanted): void {
    const before = this.#wanted;
    this.#wanted = wanted;
    if (this.loading.peek().kind === 'failed' && before?.question === wanted.question) return;
    if (!this.#busy) void this.#work();
  }

  /** After a failure that does not pass by itself. */
  retry(): void {
    if (!this.#busy) void this.#work();
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The tiles of `span` that are there, whole or in part. */
  tilesOf({ question, span }: Pick<Wanted, 'question' | 'span'>): readonly Tile[] {
    const tiles = this.tiles.value;
    const starts = span === null ? [] : tileStarts(span, question.level);
    return starts.flatMap((start_ms) => tiles.get(tileName(question, start_ms)) ?? []);
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (let next = this.#next(); next !== null; next = this.#next()) await this.#step(next);
      this.loading.value = { kind: 'idle' };
      this.#refused.clear();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.loading.value = { kind: 'failed', failure: error };
    } finally {
      this.#busy = false;
    }
  }

  /** The newest tile that is looked at and not known. */
  #next(): Next | null {
    if (this.#wanted === null || this.#stop.signal.aborted) return null;
    const { question, span, recent } = this.#wanted;
    if (span === null) return null;
    const newest_ms = newestOf_ms(recent);
    for (const start_ms of tileStarts(span, question.level)) {
      const tile = this.tiles.peek().get(tileName(question, start_ms));
      if (tile === undefined || isOutdated(tile, recent, question, now_ms()))
        return { question, start_ms, before: undefined, newest_ms };
      if (tile.cursor !== null) return { question, start_ms, before: tile, newest_ms };
    }
    return null;
  }

  async #step(next: Next): Promise<void> {
    if (document.hidden) return untilSeen(this.#stop.signal);
    if (readsPerMinute.peek() >= MOST_READS) {
      this.loading.value = { kind: 'waiting', failure: null };
      await delay(PAUSE_MS, this.#stop.signal);
      forgetOldReads();
      return;
    }
    if (this.loading.peek().kind !== 'loading') this.loading.value = { kind: 'loading' };
    try {
      await this.#load(next);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code === 'invalid_cursor') return this.#begin(next, error);
      if (!error.isPassing) throw error;
      await this.#wait(error);
    }
  }

  async #load({ question, start_ms, before, newest_ms }: Next): Promise<void> {
    const asked = { at_ms: now_ms(), newest_ms };
    const path = tilePath(this.#device_id, question, start_ms, before?.cursor ?? null);
    const { body } = await this.#client.get(path, Page, this.#stop.signal);
    const own = { start_ms, end_ms: start_ms + question.level.tile_ms };
    const tile = withPage(before, own, body, asked);
    this.tiles.value = new Map([...this.tiles.peek(), [tileName(question, start_ms), tile]]);
  }

  /** Another store, after a cutover, does not know the cursors of the one before: the tile is asked for from its start. */
  async #begin({ question, start_ms }: Next, failure: Failure): Promise<void> {
    const name = tileName(question, start_ms);
    this.tiles.value = new Map([...this.tiles.peek()].filter(([known]) => known !== name));
    if (this.#refused.has(name)) await this.#wait(failure);
    this.#refused.add(name);
  }

  async #wait(failure: Failure): Promise<void> {
    this.loading.value = { kind: 'waiting', failure };
    await delay(failure.retry_after_ms ?? WAIT_MS, this.#stop.signal);
  }
}
