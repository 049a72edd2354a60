/** The one way to the server: what every request carries, and what every answer tells beside its body. */
import { PROBLEMS } from '@bas/core/errors';
import { learnServerTime } from '../lib/clock.ts';
import type { Schema } from './answers.ts';
import { Failure, isProblem } from './failure.ts';
import { countReads } from './reads.ts';

/** The default of `TENANT_ID_HEADER`. */
const TENANT_HEADER = 'X-BAS-Tenant';
const PATIENCE_MS = 30_000;
const MAX_HELD = 300;

export interface Answer<T> {
  readonly body: T;
  /** How long asking again brings nothing new. */
  readonly fresh_for_ms: number;
  /** Documents that it cost. */
  readonly reads: number;
}

interface Held {
  readonly etag: string;
  readonly body: unknown;
}

export interface Sending {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** For what takes its time. */
  readonly patience_ms?: number;
}

/** Hears of every answer before the asker does. */
export interface Listener {
  answered(): void;
  /** Some failures end the session. */
  failed(failure: Failure): void;
}

/** Asks in the name of one tenant; holds the last answers, so that a 304 costs nothing and still brings a body. */
export class Client {
  readonly tenant_id: string;
  readonly #held = new Map<string, Held>();
  readonly #closing = new AbortController();
  readonly #listener: Listener | null;

  constructor(tenant_id: string, listener: Listener | null) {
    this.tenant_id = tenant_id;
    this.#listener = listener;
  }

  /** Aborted when the session is over. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Nothing more is asked, and what is under way is dropped: its answer belongs to nobody who is here. */
  close(): void {
    this.#closing.abort();
    this.#held.clear();
  }

  async get<T>(path: string, schema: Schema<T>, signal?: AbortSignal): Promise<Answer<T>> {
    const held = this.#held.get(path);
    const response = await this.#send(path, { signal }, held === undefined ? {} : { 'If-None-Match': held.etag });
    const fresh_for_ms = Number(response.headers.get('x-fresh-for') ?? 0) * 1_000;
    const body = response.status === 304 ? held?.body : await readJson(response);
    this.#hold(path, response.headers.get('etag'), body);
    return { body: parsed(schema, body), fresh_for_ms, reads: readsOf(response) };
  }

  async send<T>(path: string, schema: Schema<T>, sending: Sending): Promise<T> {
    return parsed(schema, await readJson(await this.#send(path, sending, {})));
  }

  /** For what answers without a body. */
  async tell(path: string, sending: Sending): Promise<void> {
    await this.#send(path, sending, {});
  }

  async #send(
    path: string,
    { method = 'GET', body, signal, patience_ms = PATIENCE_MS }: Sending,
    more: Record<string, string>,
  ): Promise<Response> {
    const headers: Record<string, string> = { [TENANT_HEADER]: this.tenant_id, ...more };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const stop = signal === undefined ? this.closed : AbortSignal.any([signal, this.closed]);
    const init: RequestInit = { method, headers, signal: AbortSignal.any([stop, AbortSignal.timeout(patience_ms)]) };
    const asked_ms = Date.now();
    try {
      const response = await fetch(path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
      learnServerTime(response.headers.get('date'), asked_ms);
      countReads(readsOf(response));
      if (!response.ok && response.status !== 304) throw await failureOf(response);
      this.#listener?.answered();
      return response;
    } catch (error) {
      if (stop.aborted) throw error;
      const failure = error instanceof Failure ? error : new Failure('unreachable', 'The server cannot be reached.');
      this.#listener?.failed(failure);
      throw failure;
    }
  }

  #hold(path: string, etag: string | null, body: unknown): void {
    this.#held.delete(path);
    if (etag !== null) this.#held.set(path, { etag, body });
    const [oldest] = this.#held.keys();
    if (this.#held.size > MAX_HELD && oldest !== undefined) this.#held.delete(oldest);
  }
}

function readsOf(response: Response): number {
  return Number(response.headers.get('x-read-count') ?? 0);
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return (await response.json()) as unknown;
  } catch {
    // Cut off on its way, or the page of some proxy: asked again, it may well be answered.
    throw new Failure('unreachable', 'The answer did not come through.');
  }
}

function parsed<T>(schema: Schema<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Failure('unreadable', 'The server answered with something this page does not know. Reload the page.');
}

async function failureOf(response: Response): Promise<Failure> {
  const problem: unknown = await response.json().catch(() => null);
  const { code, detail, request_id } = textsOf(problem);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retry_after_ms = Number.isFinite(seconds) ? seconds * 1_000 : null;
  if (code !== undefined && isProblem(code)) {
    return new Failure(code, detail ?? PROBLEMS[code].title, retry_after_ms, request_id ?? null, reasonsOf(problem));
  }
  // Not of our server, which says more: of something before it.
  const { status } = response;
  const known = status === 408 || status === 429 ? 'overloaded' : status >= 500 ? 'internal' : 'unreadable';
  return new Failure(known, `The server answered ${status}.`, retry_after_ms);
}

function reasonsOf(problem: unknown): readonly string[] {
  if (typeof problem !== 'object' || problem === null || !('reasons' in problem)) return [];
  return Array.isArray(problem.reasons) ? problem.reasons.map(String) : [];
}

/** The texts of a problem document. */
function textsOf(problem: unknown): Readonly<Record<string, string>> {
  if (typeof problem !== 'object' || problem === null) return {};
  return Object.fromEntries(
    Object.entries(problem).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
