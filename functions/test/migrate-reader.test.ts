import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Mapping } from '@bas/core/migration/mapping';
import type { ReadUnit } from '@bas/core/migration/reader/messages';
import { PointReader } from '@bas/core/migration/reader/point-reader';
import { finished, start } from './support/command.ts';
import { contentsOf, makeLegacy } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';

const HOUR_MS = 3_600_000;
const POINTS = 100_000;

describe('the thread that reads points', function () {
  this.timeout(60_000);
  let place: MigrationPlace;
  let newest_ms: number;

  beforeEach(() => {
    place = new MigrationPlace();
    ({ newest_ms } = place);
  });
  afterEach(() => place.remove());

  /** A point a second of one device, whose metrics are what SQLite makes of `expression`. */
  function makeView(expression: string): void {
    const db = new Database(place.legacy);
    db.exec(`CREATE TABLE kept (id INTEGER PRIMARY KEY, timestamp_ms INTEGER);
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${POINTS - 1})
        INSERT INTO kept SELECT i, ${newest_ms - POINTS * 1_000} + i * 1000 FROM n;
      CREATE INDEX by_time ON kept (timestamp_ms, id);
      CREATE VIEW telemetry AS SELECT id, 'ahu-0' AS device_id, timestamp_ms, ${expression} AS metrics FROM kept`);
    db.close();
  }

  /** Many seconds for all points, even on a fast machine, and a moment for each. */
  function makeSlowSort(): void {
    makeView(`(WITH RECURSIVE w(i) AS (SELECT id UNION ALL SELECT i + 1 FROM w WHERE i < id + 1000)
      SELECT '{"a":' || max(i) || '}' FROM w)`);
    const db = new Database(place.legacy);
    db.exec('DROP INDEX by_time');
    db.close();
  }

  const options = (from_ms: number) => ({
    mapping: Mapping.parse({}).telemetry,
    tenant_id: 'acme',
    from_ms,
    now_ms: newest_ms + 60_000,
  });

  it('leaves Ctrl-C to be heard while SQLite sorts, and ends with it', async () => {
    makeSlowSort();
    const to = await place.target('sqlite');
    const child = start('migrate', place.words(to, 'telemetry', ['--tenant', 'acme']), to.env);
    const ended = finished(child);
    await Promise.race([untilPrinted(child.stderr, '0 of 100,000 rows, migrating'), ended]);
    const signalled_ms = performance.now();
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    const took_ms = performance.now() - signalled_ms;
    assert.deepEqual([code, stdout], [130, ''], stderr);
    assert.match(stderr, /\nStopped on the way; what is stored stays\. Go on with the same options and --resume\.\n$/);
    assert.ok(took_ms < 5_000, `${took_ms} ms`);
    assert.ok(existsSync(join(to.folder, 'migrate-telemetry-sqlite-acme.json')), 'what is done was noted');
  });

  it('tells of a failure of SQLite as the command itself would, and what came before it is stored', async () => {
    makeView(`CASE WHEN id < 50000 THEN '{"a":1}' ELSE json('{') END`);
    const to = await place.target('sqlite');
    const ended = await place.migrate(to, 'telemetry', ['--tenant', 'acme']);
    assert.deepEqual([ended.code, ended.stdout], [1, '']);
    assert.match(ended.stderr, /\n[^\n]*legacy\.sqlite cannot be read: malformed JSON\.\n$/);
    const stored = (await contentsOf(to.home))['telemetry']?.length ?? 0;
    assert.ok(stored > 40_000 && stored <= 50_000, `${stored} points`);
  });

  it('gives the same units each time, in the order in which their time ends', async () => {
    const stranger = `(70001, 'bad id/', ${newest_ms - HOUR_MS}, '{}'), (70002, 'ahu-0', NULL, '{}')`;
    const shape = { devices: 3, points_per_device: 3_000, newest_ms };
    makeLegacy(place.legacy, shape, `INSERT INTO telemetry VALUES ${stranger}`);
    await using reader = new PointReader(place.legacy, new AbortController().signal);
    const met = await reader.survey(options(0));
    assert.deepEqual(
      met.map(({ device_id, last_seen_ms }) => [device_id, last_seen_ms]),
      [0, 1, 2].map((device) => [`ahu-${device}`, newest_ms]),
    );
    assert.deepEqual(await reader.plan(options(0), met), { read: 9_002, older: 0 });
    const units = await allUnits(reader);
    assert.deepEqual(await allUnits(reader), units);
    const buckets = units.filter((unit) => 'metrics' in unit);
    assert.equal(buckets.length, units.length - 1);
    const order = buckets.map(({ end_ms, device }) => end_ms + device);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.equal(
      units.reduce((sum, unit) => sum + rowsOf(unit), 0),
      9_002,
    );
  });

  it('ends at once when it is given up in the midst of a sort', async () => {
    makeSlowSort();
    const reader = new PointReader(place.legacy, new AbortController().signal);
    await reader.plan(options(0), await reader.survey(options(0)));
    const first = assert.rejects(reader.units().next(), /stopped/);
    const given_up_ms = performance.now();
    await reader[Symbol.asyncDispose]();
    assert.ok(performance.now() - given_up_ms < 5_000);
    await first;
  });

  it('throws the reason why the run is stopped, from then on', async () => {
    makeLegacy(place.legacy, { devices: 1, points_per_device: 5, newest_ms });
    const stop = new AbortController();
    await using reader = new PointReader(place.legacy, stop.signal);
    const met = await reader.survey(options(0));
    stop.abort(new Error('enough'));
    await assert.rejects(reader.plan(options(0), met), /enough/);
  });
});

async function allUnits(reader: PointReader): Promise<ReadUnit[]> {
  const units: ReadUnit[] = [];
  for await (const unit of reader.units()) units.push(unit);
  return units;
}

function rowsOf(unit: ReadUnit): number {
  return 'rest' in unit ? unit.rest.rows : unit.metrics.length;
}

async function untilPrinted(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let printed = '';
  stream.on('data', (chunk) => {
    printed += String(chunk);
    if (printed.includes(text)) resolve(undefined);
  });
  return promise;
}
