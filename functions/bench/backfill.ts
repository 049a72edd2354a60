/** Moving a legacy server's history: documents written for each point, and time beside the bare SDK. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { DAY_MS, MINUTE_MS, systemClock } from '@bas/core/clock';
import { openImport } from '@bas/core/stores/open';
import Database from 'better-sqlite3';
import * as z from 'zod';
import { instants, TENANT_ID } from './bare-buckets.ts';
import { metricsAt } from './fixture.ts';
import { ratioRow, type Row } from './report.ts';
import { percentile } from './stats.ts';

const POINTS_AN_HOUR = 300;
const DAYS = 7;
const WHOLE = 64;
/** The emulator keeps all in memory, in one process on the same machine: a part of the devices is timed. */
const PART = 4;
const ROUNDS = 3;
const AT_ONCE = 8;

const Report = z.object({
  stored: z.int(),
  devices: z.int(),
  documents_written: z.int(),
  migrating_ms: z.number(),
  verification: z.object({ units: z.int(), expected: z.int(), equal: z.int() }),
});
type Report = z.infer<typeof Report>;

interface Place {
  readonly folder: string;
  readonly emulator_host: string;
  readonly newest_ms: number;
}

export async function measureBackfill(emulator_host: string): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-bench-'));
  const newest_ms = Math.floor(systemClock.now_ms() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  const place = { folder, emulator_host, newest_ms };
  try {
    const whole = await migrate(place, makeLegacy(place, WHOLE), 'whole', ['--dry-run']);
    const part = makeLegacy(place, PART);
    const times = { ours: [] as number[], raw: [] as number[] };
    let last: Report | undefined;
    for (let round = 0; round < ROUNDS; round += 1) {
      last = await migrate(place, part, `ours-${round}`, ['--rate', '0', '--concurrency', String(AT_ONCE)]);
      times.ours.push(last.migrating_ms);
      times.raw.push(await bareTime_ms(place, `raw-${round}`));
    }
    return last === undefined ? [] : [writesRow(whole, last), timeRow(times)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Units of the whole are counted without writing; the part proves that a unit is one document, as is a device. */
function writesRow(whole: Report, part: Report): Row {
  if (part.documents_written !== part.verification.units + part.devices || part.verification.equal !== part.stored) {
    throw new Error(`The part wrote ${part.documents_written} documents: not one for each bucket and device.`);
  }
  const documents = whole.verification.units + whole.devices;
  const points = whole.verification.expected;
  return {
    measure: `backfill of ${DAYS} days, ${WHOLE} devices, ${POINTS_AN_HOUR} points an hour: Firestore writes per point`,
    value: `${(documents / points).toFixed(5)} (${documents} / ${points.toLocaleString('en')})`,
    bar: '<= 0.004',
    holds: documents / points <= 0.004,
  };
}

function timeRow({ ours, raw }: { readonly ours: number[]; readonly raw: number[] }): Row {
  const [our_ms, raw_ms] = [percentile(ours, 0.5), percentile(raw, 0.5)];
  const name = `backfill of ${PART} of them, read, sorted and written / bare SDK writing the same documents`;
  return ratioRow(
    name,
    our_ms / raw_ms,
    '<=',
    1.5,
    `${(our_ms / 1_000).toFixed(1)} s / ${(raw_ms / 1_000).toFixed(1)} s`,
  );
}

function makeLegacy({ folder, newest_ms }: Place, devices: number): string {
  const file = join(folder, `legacy-${devices}.sqlite`);
  const db = new Database(file);
  db.exec('CREATE TABLE telemetry (id INTEGER PRIMARY KEY, device_id TEXT, timestamp_ms INTEGER, metrics TEXT)');
  const insert = db.prepare('INSERT INTO telemetry (device_id, timestamp_ms, metrics) VALUES (?, ?, ?)');
  db.transaction(() => {
    for (const timestamp_ms of instants({ newest_ms, days: DAYS, per_hour: POINTS_AN_HOUR })) {
      const metrics = metricsAt(timestamp_ms);
      for (let device = 0; device < devices; device += 1) insert.run(`ahu-${device}`, timestamp_ms, metrics);
    }
  })();
  db.close();
  return file;
}

/** The command itself, on an empty project; what it says of its own time leaves out its start and its verification. */
async function migrate(place: Place, legacy: string, name: string, more: readonly string[]): Promise<Report> {
  const { folder, emulator_host, newest_ms } = place;
  const project_id = projectOf(name);
  const store = await openImport({ kind: 'firestore', project_id, emulator_host }, systemClock);
  await store.createTenant({ tenant_id: TENANT_ID, name: TENANT_ID, disabled: false, created_ms: newest_ms });
  await store.close();
  const window = ['--from-ms', String(newest_ms - DAYS * DAY_MS)];
  const where = ['--from', legacy, '--to', 'firestore', '--data', folder, '--tenant', TENANT_ID];
  const args = ['telemetry', ...where, ...window, '--json', ...more];
  const env = { ...process.env, GCP_PROJECT_ID: project_id, FIRESTORE_EMULATOR_HOST: emulator_host };
  return Report.parse(JSON.parse(await printedBy('../../scripts/migrate.ts', args, env)));
}

/** The same documents by the SDK alone, in a process of its own as well. */
async function bareTime_ms({ emulator_host, newest_ms }: Place, name: string): Promise<number> {
  const shape = { newest_ms, days: DAYS, per_hour: POINTS_AN_HOUR };
  const order = { ...shape, devices: PART, at_once: AT_ONCE, project_id: projectOf(name), emulator_host };
  return Number(await printedBy('./bare-buckets.ts', [JSON.stringify(order)], process.env));
}

async function printedBy(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const file = resolve(import.meta.dirname, script);
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return printed;
}

function projectOf(name: string): string {
  return `demo-backfill-${name}-${process.pid}`;
}
