/** Dashboards that look all the time, within their read budget, and hold each answer against what was acknowledged. */
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import type { Answer, Headers } from '../support/client.ts';
import { pageOf, type SentPoint } from '../support/telemetry.ts';
import type { SeededDevice, SeededUser } from '../support/seed.ts';
import type { Box } from './box.ts';
import { ownerOf, pause } from './devices.ts';
import { foreignIn, missedIn, type Acknowledged, type Ledger, type Owner, type Span } from './ledger.ts';
import type { Seen } from './seen.ts';

/** Documents that a dashboard may read in a minute, with some to spare. */
const READS_PER_MINUTE = 40;
const PAUSE_MS = 300;
const LONGEST_LOOK_MS = 30 * MINUTE_MS;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

export interface DashboardLoad {
  readonly box: Box;
  readonly ledger: Ledger;
  readonly seen: Seen;
  readonly devices: readonly SeededDevice[];
}

interface Page {
  readonly points: readonly SentPoint[];
  readonly reads: number;
  /** What was asked and how it was answered, for whoever has to explain a miss. */
  readonly how: string;
}

/** One signed-in page. */
export class Dashboard {
  readonly #load: DashboardLoad;
  readonly #user: SeededUser;
  readonly #remembered = new Map<string, { readonly etag: string; readonly points: readonly SentPoint[] }>();
  #headers: Headers = {};

  constructor(load: DashboardLoad, user: SeededUser) {
    this.#load = load;
    this.#user = user;
  }

  /** Looks until `stopped`; each reads of its own cost it time. */
  async run(stopped: AbortSignal): Promise<void> {
    await this.#signIn();
    while (!stopped.aborted) {
      const reads = Math.random() < 0.1 ? await this.#lookAbroad() : await this.#look();
      await pause(Math.max(PAUSE_MS, (reads * MINUTE_MS) / READS_PER_MINUTE), stopped);
    }
  }

  /** Asks for a device of the own tenant; answers what it cost. */
  async #look(): Promise<number> {
    const own = this.#load.devices.filter(({ tenant_id }) => tenant_id === this.#user.tenant_id);
    const device = pick(own);
    const owner = ownerOf(device);
    const before = this.#load.ledger.soFar(owner);
    if (Math.random() < 0.5) {
      const { points, reads, how } = await this.#ask(`/v1/telemetry/recent?device_id=${device.device_id}&limit=100`);
      // A full page says nothing of what is older than its last point.
      const start_ms = points.length < 100 ? 0 : (points.at(-1)?.timestamp_ms ?? 0);
      this.#check(owner, before, points, { start_ms, end_ms: FOREVER_MS }, how);
      return reads;
    }
    const end_ms = Date.now() + SECOND_MS - Math.floor(Math.random() * 120) * MINUTE_MS;
    const span = { start_ms: end_ms - Math.ceil(Math.random() * LONGEST_LOOK_MS), end_ms };
    const window = `start_ms=${span.start_ms}&end_ms=${span.end_ms}&limit=1000`;
    const { points, reads, how } = await this.#ask(`/v1/telemetry/window?device_id=${device.device_id}&${window}`);
    const start_ms = points.length < 1_000 ? span.start_ms : (points.at(-1)?.timestamp_ms ?? 0);
    this.#check(owner, before, points, { start_ms, end_ms }, how);
    return reads;
  }

  /** Asks for a device of the other tenant, which must be refused. */
  async #lookAbroad(): Promise<number> {
    const { device_id } = pick(this.#load.devices.filter(({ tenant_id }) => tenant_id !== this.#user.tenant_id));
    const answer = await this.#send(`/v1/telemetry/recent?device_id=${device_id}&limit=100`);
    if (answer.status === 403 && answer.code === 'device_forbidden') this.#load.seen.refused += 1;
    else this.#load.seen.foreign.push(`${device_id}: ${answer.status} ${answer.text}`);
    return 0;
  }

  #check(owner: Owner, before: Acknowledged, points: readonly SentPoint[], span: Span, how: string): void {
    const { seen } = this.#load;
    seen.checked += before.size;
    const missed = missedIn(owner, before, points, span);
    if (missed.length > 0) seen.missed.push(`${how}: ${missed.length} missed, ${missed[0] ?? ''}`);
    seen.foreign.push(...foreignIn(owner, points));
  }

  async #ask(path: string): Promise<Page> {
    const { seen } = this.#load;
    const known = this.#remembered.get(path);
    const answer = await this.#send(path, known === undefined ? {} : { 'if-none-match': known.etag });
    const reads = Number(answer.headers['x-read-count'] ?? 0);
    const how = `${path} answered ${answer.status} for ${reads} reads, fresh for ${String(answer.headers['x-fresh-for'])}`;
    seen.answers += 1;
    if (reads > 0) seen.from_firestore += 1;
    if (answer.status === 304 && known !== undefined) {
      seen.unchanged += 1;
      return { points: known.points, reads, how };
    }
    const { points } = pageOf(answer);
    this.#remembered.set(path, { etag: answer.headers.etag ?? '', points });
    return { points, reads, how };
  }

  /** Signs in again when it is told to; anything else that is no answer is a fault, and asked again. */
  async #send(path: string, extra: Headers = {}): Promise<Answer> {
    const { box, seen } = this.#load;
    for (;;) {
      const answer = await box.send('GET', path, { headers: { ...this.#headers, ...extra } });
      if (answer.status < 400 || answer.status === 403) return answer;
      if (answer.code === 'reauthentication_required') await this.#signIn();
      else seen.faults.push(`${path}: ${answer.status} ${answer.text}`);
    }
  }

  async #signIn(): Promise<void> {
    const { box, seen } = this.#load;
    const { tenant_id, username, password } = this.#user;
    const headers = { 'x-bas-tenant': tenant_id, 'user-agent': 'node' };
    const answer = await box.send('POST', '/v1/login', { headers, json: { username, password } });
    if (answer.status !== 200) throw new Error(`Sign-in answered ${answer.status}: ${answer.text}`);
    seen.sign_ins += 1;
    this.#headers = { ...headers, cookie: answer.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '' };
  }
}

function pick<T>(all: readonly T[]): T {
  const one = all[Math.floor(Math.random() * all.length)];
  if (one === undefined) throw new Error('There is nothing to pick from.');
  return one;
}
