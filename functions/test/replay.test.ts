import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { readDemo } from '@bas/core/demo/file';
import { HttpClient, type Caller } from './support/client.ts';
import { homeEnv, rootDir, run, serve, type Env, type Finished, type Served } from './support/command.ts';
import { signIn } from './support/people.ts';
import { STORES, type StoreName } from './support/server.ts';

/** Six days of a real room, a point a minute, where it lies beside the repository; else a small likeness of it. */
const REAL_FILE = join(rootDir, '..', 'shared', 'data', 'occupancy', 'datatraining.txt');
const REAL_ROWS = 8_143;
const DEVICE = 'room-101';

const Receipt = z.object({
  points: z.int(),
  offset_ms: z.int(),
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  requests: z.int(),
});
const Page = z.object({
  points: z.array(z.object({ timestamp_ms: z.int(), metrics: z.record(z.string(), z.number()) })),
  next_cursor: z.string().nullable(),
});

type Stored = Map<number, Record<string, number>>;

/** The file read by other means than the code under test: its columns are known. */
function expectedPoints(file: string, offset_ms: number): Stored {
  const names = ['Temperature', 'Humidity', 'Light', 'CO2', 'HumidityRatio', 'Occupancy'];
  const rows = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1);
  return new Map(
    rows.map((row) => {
      const [, date = '', ...values] = row.replaceAll('"', '').split(',');
      const metrics = Object.fromEntries(names.map((name, at) => [name, Number(values[at])]));
      return [Date.parse(`${date.replace(' ', 'T')}Z`) + offset_ms, metrics];
    }),
  );
}

function likeness(file: string): string {
  const rows = Array.from({ length: 300 }, (_, row) => {
    const time = new Date(Date.UTC(2015, 1, 4, 17, 51) + row * 60_000).toISOString();
    const values = [21 + Math.sin(row) / 3, 27 + Math.cos(row), 426, 721.25, 0.004 + row / 1e7, row % 2];
    return [`"${String(row + 1)}"`, `"${time.slice(0, 19).replace('T', ' ')}"`, ...values].join(',');
  });
  writeFileSync(
    file,
    ['"date","Temperature","Humidity","Light","CO2","HumidityRatio","Occupancy"', ...rows].join('\n'),
  );
  return file;
}

async function storedPoints(viewer: Caller, start_ms: number, end_ms: number): Promise<Stored> {
  const stored: Stored = new Map();
  let cursor: string | null = null;
  do {
    const query = `device_id=${DEVICE}&start_ms=${start_ms}&end_ms=${end_ms}&limit=1000`;
    const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await viewer.get(`/v1/telemetry/window?${query}${more}`);
    assert.equal(answer.status, 200, answer.text);
    const page = Page.parse(answer.json());
    for (const { timestamp_ms, metrics } of page.points) {
      assert.ok(!stored.has(timestamp_ms), `${timestamp_ms} came twice`);
      stored.set(timestamp_ms, metrics);
    }
    cursor = page.next_cursor;
  } while (cursor !== null);
  return stored;
}

/** One service with its demo, and what a replay into it came to. */
interface Replayed {
  readonly folder: string;
  readonly served: Served;
  readonly ended: Finished;
}

describe('replay of real measurements', function () {
  // The budget of five requests a minute is kept: nine requests take until the next minute, and a second store's
  // clock is the same clock, so both go at once.
  this.timeout(240_000);
  const scratch = mkdtempSync(join(tmpdir(), 'bas-replay-'));
  const real = existsSync(REAL_FILE);
  const file = real ? REAL_FILE : likeness(join(scratch, 'likeness.csv'));
  const rows = real ? REAL_ROWS : 300;
  const replayed = new Map<StoreName, Promise<Replayed>>();

  before(async () => {
    for (const store of STORES) replayed.set(store, start(store));
    await Promise.allSettled(replayed.values());
  });
  after(async () => {
    for (const outcome of await Promise.allSettled(replayed.values())) {
      if (outcome.status === 'fulfilled') await outcome.value.served.stop();
    }
    rmSync(scratch, { recursive: true, force: true });
  });

  async function start(store: StoreName): Promise<Replayed> {
    const folder = join(scratch, store);
    const served = await serve(['--data', folder, '--demo'], homeEnv(store));
    return { folder, served, ended: await replay(folder, '--shift-to-now') };
  }

  function replay(folder: string, ...args: string[]): Promise<Finished> {
    return run('replay', ['--csv', file, '--device', DEVICE, '--data', folder, '--json', ...args]);
  }

  async function of(store: StoreName): Promise<Replayed> {
    const found = replayed.get(store);
    assert.ok(found);
    return found;
  }

  for (const store of STORES) {
    it(`goes in whole and comes out equal, value by value, on ${store}`, async () => {
      const { folder, served, ended } = await of(store);
      assert.equal(ended.code, 0, ended.stderr);
      const receipt = Receipt.parse(JSON.parse(ended.stdout));
      const { points, accepted, duplicates, rejected, offset_ms } = receipt;
      assert.deepEqual(
        { points, accepted, duplicates, rejected },
        { points: rows, accepted: rows, duplicates: 0, rejected: 0 },
      );

      const expected = expectedPoints(file, offset_ms);
      assert.equal(expected.size, rows);
      const times_ms = [...expected.keys()];
      const client = new HttpClient(served.url);
      const viewer = await viewerOf(folder, client);
      const stored = await storedPoints(viewer, Math.min(...times_ms), Math.max(...times_ms) + 1);
      client.close();
      assert.equal(stored.size, rows);
      for (const [timestamp_ms, metrics] of expected) assert.deepEqual(stored.get(timestamp_ms), metrics);
    });

    it(`can be sent again by the same offset: all duplicates, no budget used, on ${store}`, async () => {
      const { folder, ended } = await of(store);
      const { offset_ms } = Receipt.parse(JSON.parse(ended.stdout));
      const again = await replay(folder, `--shift-ms=${offset_ms}`);
      const { accepted, duplicates } = Receipt.parse(JSON.parse(again.stdout));
      assert.deepEqual([again.code, accepted, duplicates], [0, 0, rows]);
      assert.ok(!again.stderr.includes('waiting'), again.stderr);
    });
  }

  async function viewerOf(folder: string, client: HttpClient): Promise<Caller> {
    const demo = await readDemo(join(folder, 'demo.json'));
    const tenant = demo?.tenants.find(({ devices }) => devices.some(({ device_id }) => device_id === DEVICE));
    const viewer = tenant?.users.find(({ role }) => role === 'viewer');
    assert.ok(tenant && viewer);
    return signIn(client, { tenant_id: tenant.tenant_id, ...viewer });
  }

  it('shows what each column becomes, and how to send the same again', async () => {
    const { folder } = await of('sqlite');
    const csv = join(scratch, 'german.csv');
    writeFileSync(csv, 'time;Temp (°C);mode\n2015-02-04 10:00;21,5;auto\n2015-02-04 10:01;22;\n');
    const args = ['--csv', csv, '--device', 'ahu-1', '--data', folder, '--delimiter', ';'];
    const { code, stdout, stderr } = await run('replay', [...args, '--shift-to-now']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ {2}Temp \(°C\) +Temp_C +number, decimal comma +2$/m);
    assert.match(stdout, /^2 points, .* in 1 request$/m);
    const [again = ''] = /--shift-ms=\d+/.exec(stdout) ?? [];
    const second = await run('replay', [...args, again]);
    assert.match(second.stdout, /accepted 0, duplicates 2, rejected 0/);
  });

  it('says in one line what it cannot do', async () => {
    const { folder, served } = await of('sqlite');
    const own: Env = { BAS_DEVICE_KEY: 'bas_wrong' };
    const crooked = join(scratch, 'crooked.csv');
    writeFileSync(crooked, 'time,a\n2015-02-04,1\n2015-02-05,21,5\n');
    const cases: [string[], number, RegExp, Env?][] = [
      [['--csv', file, '--device', DEVICE, '--data', folder], 1, /older than the 90 days .*--shift-to-now/],
      [['--csv', file, '--device', 'nobody', '--data', folder], 1, /no such device nobody.*acme\/room-101/],
      [['--csv', file, '--device', DEVICE, '--data', scratch, '--url', served.url], 1, /BAS_DEVICE_KEY/],
      [['--csv', file, '--device', DEVICE, '--data', scratch], 1, /no demo\.json in .*--url and BAS_DEVICE_KEY/],
      [['--csv', file, '--device', DEVICE, '--url', `${served.url}/v1`], 2, /--url must end after the port/],
      [['--csv', file, '--device', DEVICE, '--url', 'localhost:8090'], 2, /--url must begin with http/],
      [
        ['--csv', file, '--device', DEVICE, '--data', folder, '--tenant', 'globex'],
        1,
        /room-101 of the demo belongs to the tenant acme, not globex/,
      ],
      [
        ['--csv', file, '--device', DEVICE, '--data', folder, '--shift-to-now', '--json'].concat(
          '--url',
          served.url.replace('http:', 'https:'),
        ),
        1,
        /speaks no TLS: use http:/,
      ],
      [['--csv', crooked, '--device', DEVICE, '--data', folder], 1, /Line 3 has 3 fields and the header 2/],
      [
        ['--csv', file, '--device', DEVICE, '--data', folder, '--shift-to-now', '--json'],
        1,
        /unauthenticated.*BAS_DEVICE_KEY/,
        own,
      ],
      [['--csv', join(scratch, 'none.csv'), '--device', DEVICE, '--data', folder], 1, /There is no file .*none\.csv/],
      [['--device', DEVICE], 2, /--csv is missing/],
      [['--csv', file, '--device', DEVICE, '--batch', '1001'], 2, /--batch must be .* 1 to 1000/],
      [['--csv', file, '--device', DEVICE, '--speed', 'fast'], 2, /--speed must be/],
    ];
    for (const [args, code, reason, env] of cases) {
      const ended = await run('replay', args, { env: env ?? {} });
      assert.deepEqual([ended.code, ended.stdout], [code, ''], `${args.join(' ')}: ${ended.stderr}`);
      assert.match(ended.stderr, reason);
      assert.equal(ended.stderr.trim().split('\n').length, 1, ended.stderr);
    }
  });
});
