/**
 * What a request's line and its counting cost: "last 100 points" with both and without, in turn. The rate is that of a
 * second of the server's own processor time, which is what limits it; what else the machine does hardly changes it.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { DEVICE_ID, makeFixture, type Fixture } from './fixture.ts';
import { ratioRow, type Row } from './report.ts';
import { startProcess, type ServerProcess } from './server-process.ts';
import { percentile } from './stats.ts';

const POINTS = 10_000;
/** Two processes of the same code differ by a twentieth, so many pairs are compared; short rounds in turn, in each. */
const PAIRS = 9;
const ROUNDS = 8;
const REQUESTS = 2_000;
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
  const file = name === 'SQLite' ? join(folder, 'bas.sqlite') : '';
  try {
    const fixture = await makeFixture(file === '' ? env : { SQLITE_FILE: file }, POINTS);
    const pairs: Pair[] = [];
    for (let at = 0; at < PAIRS; at += 1) pairs.push(await measurePair(join(folder, String(at)), file, env, fixture));
    const median = (of: (pair: Pair) => number): number => percentile(pairs.map(of), 0.5);
    const measure = `last 100 on ${name}: requests per second of processor time, with log and metering / without`;
    const note = `${median(({ told }) => told).toFixed(0)} / ${median(({ silent }) => silent).toFixed(0)}`;
    const ratio = median(({ told, silent }) => told / silent);
    return ratioRow(measure, ratio, '>=', 0.93, note);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Requests per second of each one's own processor time. */
interface Pair {
  readonly told: number;
  readonly silent: number;
}

async function measurePair(prefix: string, file: string, env: Record<string, string>, fixture: Fixture): Promise<Pair> {
  const log = `${prefix}.log`;
  const written = openSync(log, 'a');
  const open = async (how: string): Promise<Contender> => {
    const report = `${prefix}.${how}`;
    const args = [join(import.meta.dirname, 'logged-server.ts'), file, how, report];
    return { server: await startProcess(args, env, written), report, requests: 0 };
  };
  const [told, silent] = [await open('with'), await open('without')];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of round % 2 === 0 ? [told, silent] : [silent, told]) one.requests += await load(one, fixture);
  }
  const pair = { told: await rateOf(told), silent: await rateOf(silent) };
  closeSync(written);
  const lines = readFileSync(log, 'utf8').split('"httpRequest"').length - 1;
  if (lines !== told.requests) throw new Error(`${String(lines)} lines for ${String(told.requests)} requests`);
  return pair;
}

interface Contender {
  readonly server: ServerProcess;
  /** Where it says how long it worked. */
  readonly report: string;
  requests: number;
}

async function rateOf({ server, report, requests }: Contender): Promise<number> {
  await server.stop();
  return (requests / Number(readFileSync(report, 'utf8'))) * 1_000;
}

/** Answers how many requests were sent, so that each of them can be accounted for. */
async function load({ server }: Contender, { headers }: Fixture): Promise<number> {
  const result = await autocannon({
    url: server.url + PATH,
    connections: 8,
    amount: REQUESTS,
    headers: { ...headers },
  });
  const failed = result.non2xx + result.errors;
  if (failed > 0) throw new Error(`${String(failed)} requests failed`);
  return REQUESTS;
}
