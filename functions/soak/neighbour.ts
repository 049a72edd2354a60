/** Two tenants, one of which floods: what the other notices of it. */
import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { ratioRow, type Row } from '../bench/report.ts';
import { percentile } from '../bench/stats.ts';
import { Caller, HttpClient } from '../test/support/client.ts';
import { SteadyLoad } from '../test/support/steady-load.ts';
import type { LongRun, LongRunPart } from '../../scripts/lib/long-run.ts';
import { openBox, openInstance, type SoakedHome, type Tenant } from './homes.ts';
import type { SoakCounts } from './parts.ts';

/** Alone and beside the flood, in turn: what else the machine does is the same for both. */
const ROUNDS = 6;
const ROUND_S = 5;
const SETTLE_S = 1;
const PER_SECOND = 50;
const CONNECTIONS = 64;
/** More than a tenant may have in line: so many sockets can be ready in one turn of the event loop. */
const CROWD = 1_200;
/** Requests a second under which nobody would speak of a flood. */
const LEAST_FLOOD = 500;

interface Flood {
  readonly what: string;
  /** How many times as long the other's P95 may take. */
  readonly bar: number;
  readonly options: Pick<autocannon.Options, 'method' | 'headers' | 'body' | 'connections'> & { readonly path: string };
}

export const neighbour: LongRunPart<SoakCounts> = {
  title: 'One tenant floods, the other looks on',
  async run(run) {
    const box = await openBox();
    const rows = await withHome(box, run, [
      looks(box.tenants[1]),
      looks(box.tenants[1], CROWD),
      posts(box.tenants[1]),
      strangers(),
    ]);
    if (run.signal.aborted) return rows;
    const instance = await openInstance(run.emulator_host);
    return [...rows, ...(await withHome(instance, run, [looks(instance.tenants[1]), strangers()]))];
  },
};

function looks({ viewer, devices }: Tenant, connections = CONNECTIONS): Flood {
  const path = `/v1/telemetry/recent?device_id=${devices[0]?.device_id ?? ''}&limit=100`;
  const [what, bar] = connections === CONNECTIONS ? (['looks', 2] as const) : (['looks of a crowd', 5] as const);
  return {
    what,
    bar,
    options: { method: 'GET', path, headers: plain(viewer), connections },
  };
}

function posts({ tenant_id, devices: [device] }: Tenant): Flood {
  const { device_id, key } = device ?? { device_id: '', key: '' };
  const body = JSON.stringify({ device_id, points: [{ timestamp_ms: Date.now(), metrics: { temperature: 1 } }] });
  const headers = { 'x-bas-tenant': tenant_id, authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    what: 'posts',
    bar: 2,
    options: { method: 'POST', path: '/v1/telemetry', headers, body, connections: CONNECTIONS },
  };
}

function strangers(): Flood {
  const headers = { 'x-bas-tenant': 'nobody', cookie: '__session=made-up' };
  return {
    what: 'nobody has signed in',
    bar: 2,
    options: { method: 'GET', path: '/v1/telemetry/recent?device_id=x', headers, connections: CONNECTIONS },
  };
}

async function withHome(home: SoakedHome, { signal, progress }: LongRun, floods: readonly Flood[]): Promise<Row[]> {
  const client = new HttpClient(home.url);
  const rows: Row[] = [];
  try {
    for (const flood of floods) {
      if (signal.aborted) break;
      progress(`  ${home.name}, ${flood.what}`);
      rows.push(await measure(home, client, flood));
    }
  } finally {
    client.close();
    await home.close();
  }
  return rows;
}

async function measure(home: SoakedHome, client: HttpClient, flood: Flood): Promise<Row> {
  const alone: number[] = [];
  const beside: number[] = [];
  const answered = new Map<string, number>();
  const { path, ...options } = flood.options;
  const duration = ROUND_S + 2 * SETTLE_S;
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(...(await look(client, home.tenants[0])));
    // In a thread of its own, so that it does not hold up the clock of the other one.
    const flooding = autocannon({ url: home.url + path, ...options, duration, workers: 1 });
    await delay(SETTLE_S * 1_000);
    beside.push(...(await look(client, home.tenants[0])));
    for (const [status, { count = 0 }] of Object.entries((await flooding).statusCodeStats ?? {})) {
      answered.set(status, (answered.get(status) ?? 0) + count);
    }
  }
  const [own, other] = [percentile(alone, 0.95), percentile(beside, 0.95)];
  const times = `${other.toFixed(1)} / ${own.toFixed(1)} ms`;
  const note = `${times}, ${floodOf(answered, ROUNDS * duration)} by ${flood.options.connections} connections`;
  const measure = `${home.name}: P95 of a tenant beside another's flood of requests (${flood.what}) / alone`;
  return ratioRow(measure, other / own, '<=', flood.bar, note);
}

/** How much came, and how it was answered. */
function floodOf(answered: ReadonlyMap<string, number>, for_s: number): string {
  const per_s = answered.values().reduce((sum, count) => sum + count, 0) / for_s;
  if (per_s < LEAST_FLOOD) throw new Error(`The flood was of ${per_s.toFixed(0)} requests a second only.`);
  const shares = [...answered].map(([status, count]) => `${status}: ${(count / for_s).toFixed(0)}`);
  return `${per_s.toFixed(0)} requests/s (${shares.join(', ')})`;
}

/** How long each of a viewer's looks takes, at a steady pace. */
async function look(client: HttpClient, { viewer, devices }: Tenant): Promise<readonly number[]> {
  const caller = new Caller(client, viewer);
  const path = `/v1/telemetry/recent?device_id=${devices[0]?.device_id ?? ''}&limit=100`;
  const load = new SteadyLoad(PER_SECOND, () => caller.get(path));
  await delay(ROUND_S * 1_000);
  await load.stop();
  const failed = load.told.find(({ answer }) => answer.status !== 200);
  if (failed !== undefined) throw new Error(`A look answered ${failed.answer.status}: ${failed.answer.text}`);
  return load.told.map(({ took_ms }) => took_ms);
}

function plain(headers: Tenant['viewer']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
