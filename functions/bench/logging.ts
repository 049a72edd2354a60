/** What a request's line and its counting cost: "last 100 points" with both and without, in turn. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { DEVICE_ID, makeFixture, type Fixture } from './fixture.ts';
import { ratioRow, type Row } from './report.ts';
import { startProcess, type ServerProcess } from './server-process.ts';
import { percentile } from './stats.ts';

const POINTS = 10_000;
const ROUNDS = 8;
const LOAD_S = 3;
const PATH = `/v1/telemetry/recent?device_id=${DEVICE_ID}&limit=100`;

export async function measureLogging(emulator_host: string): Promise<Row[]> {
  const firestore = {
    GCP_PROJECT_ID: `demo-logging-${String(process.pid)}`,
    FIRESTORE_EMULATOR_HOST: emulator_host,
    USE_FIRESTORE_TELEMETRY: '1',
    USE_FIRESTORE_AUDIT: '1',
    USE_FIRESTORE_AUTH: '1',
  };
  return [await measureHome('SQLite', {}), await measureHome('the Firestore emulator', firestore)];
}

async function measureHome(name: string, env: Record<string, string>): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-bench-'));
  const [file, log] = [join(folder, 'bas.sqlite'), join(folder, 'log')];
  const written = openSync(log, 'a');
  try {
    const fixture = await makeFixture(Object.keys(env).length === 0 ? { SQLITE_FILE: file } : env, POINTS);
    const start = (how: string) =>
      startProcess([join(import.meta.dirname, 'logged-server.ts'), file, how], env, written);
    const [told, silent] = [await start('with'), await start('without')];
    const rates = await inTurn(told, silent, fixture);
    await Promise.all([told.stop(), silent.stop()]);
    const lines = readFileSync(log, 'utf8').split('"httpRequest"').length - 1;
    if (lines < 1_000) throw new Error(`${String(lines)} lines were written`);
    const note = `${rates.told.toFixed(0)} / ${rates.silent.toFixed(0)} requests/s`;
    return ratioRow(
      `last 100 on ${name}: requests per second with log and metering / without`,
      rates.told / rates.silent,
      '>=',
      0.93,
      note,
    );
  } finally {
    closeSync(written);
    rmSync(folder, { recursive: true });
  }
}

async function inTurn(told: ServerProcess, silent: ServerProcess, fixture: Fixture) {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = -1; round < ROUNDS; round += 1) {
    const first = round % 2 === 0;
    const one = await load((first ? told : silent).url, fixture);
    const other = await load((first ? silent : told).url, fixture);
    if (round < 0) continue;
    ours.push(first ? one : other);
    theirs.push(first ? other : one);
  }
  return { told: percentile(ours, 0.5), silent: percentile(theirs, 0.5) };
}

async function load(url: string, { headers }: Fixture): Promise<number> {
  const result = await autocannon({ url: url + PATH, connections: 8, duration: LOAD_S, headers: { ...headers } });
  const failed = result.non2xx + result.errors;
  if (failed > 0) throw new Error(`${String(failed)} requests failed`);
  return result.requests.average;
}
