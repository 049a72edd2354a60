/** What a move costs a box: ingest while everything is delivered, and how a comparison finds one value among a million. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@bas/core/clock';
import { readConfig } from '@bas/core/config';
import { silentLogger } from '@bas/core/observability/log';
import { advance } from '@bas/core/cutover/advance';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { boxParts } from '@bas/core/cutover/parts';
import { createSuite } from '@bas/core/suite';
import { measureComparison } from './cutover-compare.ts';
import { makeBoxFixture, type BoxFixture } from './cutover-fixture.ts';
import { ratioRow, type Row } from './report.ts';
import { startServe, type ServerProcess } from './server-process.ts';
import { percentile } from './stats.ts';

const ROUNDS = 11;
/** Each device posts as often as it may in one minute. */
const DEVICES = 80;
const REQUESTS_EACH = 5;
const CONNECTIONS = 8;

/** Measures on an emulator at `emulator_host`. */
export async function measureCutover(emulator_host: string): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-bench-'));
  try {
    return [await ingestRow(folder, emulator_host), await measureComparison(folder, emulator_host)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Contender {
  readonly fixture: BoxFixture;
  readonly server: ServerProcess;
  /** Devices that have posted: each round has its own, so that no write budget stands in the way. */
  used: number;
}

async function ingestRow(folder: string, emulator_host: string): Promise<Row> {
  const sqlite = await openBox(folder, 'sqlite', emulator_host);
  const dual = await openBox(folder, 'dual', emulator_host);
  const rates: Record<'sqlite' | 'dual', number[]> = { sqlite: [], dual: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const turns = round % 2 === 0 ? (['sqlite', 'dual'] as const) : (['dual', 'sqlite'] as const);
    for (const name of turns) rates[name].push(await load(name === 'sqlite' ? sqlite : dual));
  }
  await sqlite.server.stop();
  await dual.server.stop();
  // The first round warms both up.
  const [own, other] = [percentile(rates.dual.slice(1), 0.5), percentile(rates.sqlite.slice(1), 0.5)];
  const ratios = rates.dual.slice(1).map((rate, round) => rate / (rates.sqlite[round + 1] ?? Number.NaN));
  const note = `${own.toFixed(0)} / ${other.toFixed(0)} requests/s; median of ${String(ratios.length)} rounds in pairs`;
  return ratioRow(
    'ingest on a box in dual, delivering / in sqlite, requests per second',
    percentile(ratios, 0.5),
    '>=',
    0.8,
    note,
  );
}

async function openBox(folder: string, phase: 'sqlite' | 'dual', emulator_host: string): Promise<Contender> {
  const data = join(folder, phase);
  mkdirSync(data);
  const env = { GCP_PROJECT_ID: `demo-bench-${phase}`, FIRESTORE_EMULATOR_HOST: emulator_host };
  const settings = { ...env, SQLITE_FILE: join(data, 'bas.sqlite') };
  const fixture = await makeBoxFixture(settings, ROUNDS * DEVICES);
  if (phase === 'dual') {
    const suite = createSuite(readConfig(settings), { logger: silentLogger });
    await advance(await boxParts(suite), 'telemetry', BY_COMMAND, { emulator: true });
    await suite.close();
  }
  return { fixture, server: await startServe(data, env), used: 0 };
}

/** Requests per second of one round: ten points from each device, then again from each. */
async function load(contender: Contender): Promise<number> {
  const { fixture, server } = contender;
  const devices = fixture.device_ids.slice(contender.used, contender.used + DEVICES);
  contender.used += DEVICES;
  const turns = Array.from({ length: REQUESTS_EACH }, () => devices)
    .flat()
    .values();
  const started_ms = performance.now();
  const post = async (): Promise<void> => {
    for (const device_id of turns) {
      const now_ms = systemClock.now_ms();
      const points = Array.from({ length: 10 }, (_, at) => ({
        timestamp_ms: now_ms - at,
        metrics: { humidity: 40 + at, occupied: at % 2 === 0, temperature: 21.5 },
      }));
      const response = await fetch(`${server.url}/v1/telemetry`, {
        method: 'POST',
        headers: { ...fixture.headers, 'content-type': 'application/json' },
        body: JSON.stringify({ device_id, points }),
      });
      await response.text();
      if (response.status !== 200) throw new Error(`POST answered ${String(response.status)}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, post));
  return (DEVICES * REQUESTS_EACH * 1_000) / (performance.now() - started_ms);
}
