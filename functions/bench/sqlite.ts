/** The one box: requests per second beside a bare server with the same query, and last 100 as the table grows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import Database from 'better-sqlite3';
import { DEVICE_ID, makeFixture, metricsAt, TENANT_ID, type Fixture } from './fixture.ts';
import { ms, ratioRow, type Row } from './report.ts';
import { startProcess, startServe, type ServerProcess } from './server-process.ts';
import { percentile, timeInTurn } from './stats.ts';

const SMALL = 10_000;
const LARGE = 10_000_000;
const ROUNDS = 400;
const LOAD_S = 4;

export async function measureSqlite(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-bench-'));
  try {
    const small = await openBox(join(folder, 'small'), SMALL);
    const rows = await throughputRows(small);
    const large = await openBox(join(folder, 'large'), LARGE);
    rows.push(await growthRow(small, large));
    await small.server.stop();
    await large.server.stop();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Box {
  readonly server: ServerProcess;
  readonly fixture: Fixture;
  readonly file: string;
}

/** A box with `points` points of one device: the newest 10,000 through the store, older ones straight into the table. */
async function openBox(data: string, points: number): Promise<Box> {
  const { mkdirSync } = await import('node:fs');
  mkdirSync(data);
  const file = join(data, 'bas.sqlite');
  const fixture = await makeFixture({ SQLITE_FILE: file }, SMALL);
  if (points > SMALL) fillTable(file, fixture.newest_ms, points - SMALL);
  return { server: await startServe(data, {}), fixture, file };
}

/** Older points, one every 500 ms within retention, spread over ten devices so that no one device is odd. */
function fillTable(file: string, newest_ms: number, points: number): void {
  const database = new Database(file);
  const insert = database.prepare(
    'INSERT OR IGNORE INTO telemetry (tenant_id, device_id, timestamp_ms, metrics) VALUES (?, ?, ?, ?)',
  );
  const devices = [DEVICE_ID, ...Array.from({ length: 9 }, (_unused, index) => `ahu-${String(index + 2)}`)];
  const each = Math.ceil(points / devices.length);
  const metrics = metricsAt(newest_ms);
  const oldest_ms = newest_ms - 89 * 86_400_000;
  for (const device_id of devices) {
    database.transaction(() => {
      for (let at = 0; at < each; at += 1) insert.run(TENANT_ID, device_id, oldest_ms + at * 5_000 + 1, metrics);
    })();
  }
  database.close();
}

async function throughputRows({ server, fixture, file }: Box): Promise<Row[]> {
  const bare = await startProcess([join(import.meta.dirname, 'bare-sqlite.ts'), file]);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const [own, other] = [await load(server.url, fixture), await load(bare.url, fixture)];
    if (round === 0) continue;
    ours.push(own);
    theirs.push(other);
  }
  await bare.stop();
  const [own, other] = [percentile(ours, 0.5), percentile(theirs, 0.5)];
  const note = `${own.toFixed(0)} / ${other.toFixed(0)} requests/s`;
  return [
    ratioRow(
      'SQLite last 100 over HTTP (unchanged points from memory) / bare node:http with the same query, requests per second',
      own / other,
      '>=',
      0.5,
      note,
    ),
  ];
}

async function load(url: string, fixture: Fixture): Promise<number> {
  const result = await autocannon({
    url: url + PATH,
    connections: 8,
    duration: LOAD_S,
    headers: { ...fixture.headers },
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${String(result.non2xx + result.errors)} requests failed`);
  return result.requests.average;
}

/** The hundred before the newest point, which no memory holds: always from the table. */
async function growthRow(small: Box, large: Box): Promise<Row> {
  const ask = (box: Box) => async (): Promise<void> => {
    const { newest_ms, headers } = box.fixture;
    const window = `&start_ms=${String(newest_ms - 80 * 86_400_000)}&end_ms=${String(newest_ms)}`;
    const path = `/v1/telemetry/window?device_id=${DEVICE_ID}${window}&limit=100`;
    const response = await fetch(box.server.url + path, { headers });
    await response.text();
    if (response.status !== 200) throw new Error(`GET answered ${String(response.status)}`);
  };
  const times = await timeInTurn({ small: ask(small), large: ask(large) }, ROUNDS);
  const note = `${ms(times.large.p50_ms)} / ${ms(times.small.p50_ms)}`;
  return ratioRow(
    'latency of last 100, 10 million points in SQLite / 10 thousand, P50',
    times.large.p50_ms / times.small.p50_ms,
    '<=',
    1.3,
    note,
  );
}

const PATH = `/v1/telemetry/recent?device_id=${DEVICE_ID}&limit=100`;
