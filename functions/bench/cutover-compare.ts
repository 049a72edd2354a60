/** A million points in both stores, one value of one of them changed: what it takes to find and to name it. */
import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { readConfig } from '@bas/core/config';
import { advance } from '@bas/core/cutover/advance';
import { Delivery } from '@bas/core/cutover/deliver';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { boxParts } from '@bas/core/cutover/parts';
import { prove } from '@bas/core/cutover/proving';
import { bucketAt, firstWidths, pointBytes } from '@bas/core/model/bucket';
import { silentLogger } from '@bas/core/observability/log';
import { createSuite } from '@bas/core/suite';
import { DEVICE_ID, makeFixture, metricsAt, SPARE_DEVICES, TENANT_ID } from './fixture.ts';
import type { Row } from './report.ts';

const POINTS = 1_000_000;
/** Twenty-five devices, one point every ten seconds for about five days. */
const INTERVAL_MS = 10 * SECOND_MS;
const DEVICE_IDS = [DEVICE_ID, ...SPARE_DEVICES];

export async function measureComparison(folder: string, emulator_host: string): Promise<Row> {
  const data = join(folder, 'million');
  mkdirSync(data);
  const file = join(data, 'bas.sqlite');
  const project = { GCP_PROJECT_ID: 'demo-bench-million', FIRESTORE_EMULATOR_HOST: emulator_host };
  const env = { ...project, SQLITE_FILE: file };
  const { newest_ms } = await makeFixture(env, 0);
  fill(file, newest_ms);
  const suite = createSuite(readConfig(env), { logger: silentLogger });
  try {
    const parts = await boxParts(suite);
    await advance(parts, 'telemetry', BY_COMMAND, { emulator: true });
    await new Delivery({ ...parts, holder: suite.ids.uuid(), rate: 0 }).everything();
    const changed_ms = newest_ms - 36 * HOUR_MS - (newest_ms % INTERVAL_MS);
    const changed = changeOne(file, SPARE_DEVICES[7] ?? DEVICE_ID, changed_ms);
    const started_ms = performance.now();
    const { comparison } = await prove(parts, { full: true });
    const took_s = (performance.now() - started_ms) / 1_000;
    const points = comparison.days.reduce((sum, day) => sum + day.points, 0);
    const [named, ...others] = comparison.differences;
    const holds =
      points >= POINTS &&
      others.length === 0 &&
      named?.device_id === changed.device_id &&
      named.timestamp_ms === changed.timestamp_ms &&
      named.sqlite === changed.metrics;
    return {
      measure: `one changed value among ${points.toLocaleString('en')} points: found by compare, and named`,
      value: `${holds ? 'yes' : 'no'} (${took_s.toFixed(0)} s, ${comparison.reads.toLocaleString('en')} reads)`,
      bar: 'always',
      holds,
    };
  } finally {
    await suite.close();
  }
}

/** Straight into the tables, as a box that has always been there would have them. */
function fill(file: string, newest_ms: number): void {
  const database = new Database(file);
  const put = database.prepare('INSERT INTO telemetry VALUES (?, ?, ?, ?)');
  const putBucket = database.prepare(
    `INSERT INTO telemetry_buckets (tenant_id, device_id, start_ms, end_ms, bytes, changed_ms) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const widths = firstWidths(MINUTE_MS);
  const each = POINTS / DEVICE_IDS.length;
  const last_ms = newest_ms - (newest_ms % INTERVAL_MS);
  for (const device_id of DEVICE_IDS) {
    database.transaction(() => {
      const bytes = new Map<number, number>();
      for (let at = 0; at < each; at += 1) {
        const timestamp_ms = last_ms - at * INTERVAL_MS;
        const metrics = metricsAt(timestamp_ms);
        put.run(TENANT_ID, device_id, timestamp_ms, metrics);
        const { start_ms } = bucketAt(widths, timestamp_ms);
        bytes.set(start_ms, (bytes.get(start_ms) ?? 0) + pointBytes(metrics));
      }
      for (const [start_ms, sum] of bytes) {
        const { end_ms } = bucketAt(widths, start_ms);
        putBucket.run(TENANT_ID, device_id, start_ms, end_ms, sum, newest_ms);
      }
    })();
  }
  database.close();
}

/** One digit of one value, and not a word about it to the journal. */
function changeOne(file: string, device_id: string, timestamp_ms: number) {
  const database = new Database(file);
  const metrics = metricsAt(timestamp_ms).replace(/("humidity":\d+)/, '$10');
  const { changes } = database
    .prepare('UPDATE telemetry SET metrics = ? WHERE tenant_id = ? AND device_id = ? AND timestamp_ms = ?')
    .run(metrics, TENANT_ID, device_id, timestamp_ms);
  database.close();
  if (changes !== 1) throw new Error('There is no such point to change.');
  return { device_id, timestamp_ms, metrics };
}
