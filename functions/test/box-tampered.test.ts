/** What a moved box makes of documents that somebody changed by hand. */
import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import type { Comparison } from '@bas/core/cutover/comparison';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { prove } from '@bas/core/cutover/proving';
import { finalize } from '@bas/core/cutover/finalize';
import { repair } from '@bas/core/cutover/repair';
import type { Device } from '@bas/core/model/entities';
import type { Point } from '@bas/core/model/point';
import type { Logger } from '@bas/core/observability/log';
import { connectWitness } from '@bas/core/stores/firestore/harness';
import { MAX_POINTS } from '@bas/core/stores/newest-points';
import { ACME, GLOBEX, NOW_MS, series } from '@bas/core/stores/suite/fixtures';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import { MovableClock } from './support/movable-clock.ts';
import {
  deliveryOf,
  furnish,
  move,
  moveTelemetry,
  openMovingBox,
  post,
  refused,
  walk,
  type MovingBox,
} from './support/moving-box.ts';
import { startServer, type TestServer } from './support/server.ts';

const POINTS = 12;
const START_MS = NOW_MS - POINTS * HOUR_MS;

interface Tampered {
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the comparison says is wrong with the document. */
  readonly fault: RegExp;
}

const BROKEN: Readonly<Record<string, Tampered>> = {
  "is another tenant's": { fields: { tenant_id: GLOBEX }, fault: /^it is said to be of globex\/boiler-1$/ },
  "is another device's": { fields: { device_id: 'boiler-2' }, fault: /^it is said to be of acme\/boiler-2$/ },
  'is of nobody': { fields: { tenant_id: 5 }, fault: /^field tenant_id should be a string$/ },
  'begins at another time': { fields: { timestamp_ms: NOW_MS }, fault: /^it is said to begin at another time$/ },
  'begins at no time': { fields: { timestamp_ms: 'noon' }, fault: /^field timestamp_ms should be a number$/ },
  'holds numbers for texts': { fields: { points: { 0: 5 } }, fault: /^field points should be a map/ },
  'holds points of no time': { fields: { points: { noon: '{"value":1}' } }, fault: /^field points should be a map/ },
  'lacks its size': { fields: { bytes: null }, fault: /^field bytes should be a number$/ },
  'holds half a budget': { fields: { budget: { used: 1 } }, fault: /^field minute_ms should be a number$/ },
};

describe('a bucket that somebody changed by hand', function () {
  this.timeout(60_000);
  let clock: MovableClock;
  let box: MovingBox;
  let devices: readonly Device[];
  let device: Device;
  let client: ReturnType<typeof connectWitness>;
  let told: string[];
  let stored: readonly Point[];
  const logger: Logger = { log: (severity, message) => void told.push(`${severity} ${message}`) };

  beforeEach(async () => {
    told = [];
    clock = new MovableClock(NOW_MS);
    box = await openMovingBox({ clock, logger });
    client = connectWitness(box.project_id);
    devices = await furnish(box, 2);
    [device = assert.fail()] = devices;
    await post(box, device, series(START_MS, HOUR_MS, POINTS), { now_ms: NOW_MS });
    await moveTelemetry(box, 'dual');
    stored = (await box.sqlite.points(ACME, device.device_id)).toReversed();
  });
  afterEach(async () => {
    await client.terminate();
    await box.close();
  });

  const full = async (): Promise<Comparison> => (await prove(box.parts, { full: true, patience_ms: 300 })).comparison;
  const oldest = async () => {
    const { docs } = await client.collection('telemetry').orderBy('timestamp_ms').limit(1).get();
    return docs[0] ?? assert.fail();
  };
  async function mended(comparison: Comparison): Promise<void> {
    await repair(box.parts, BY_COMMAND, comparison.differing);
    await deliveryOf(box).everything();
    assert.deepEqual((await full()).differing, []);
    assert.deepEqual(await box.firestore.points(ACME, device.device_id), stored.toReversed());
  }

  for (const [how, { fields, fault }] of Object.entries(BROKEN)) {
    it(`is named and mended when it ${how}`, async () => {
      const { ref, data } = await oldest().then((found) => ({ ref: found.ref, data: found.data() }));
      await ref.update(fields);
      const comparison = await full();
      const broken = comparison.differences.filter((difference) => difference.fault !== null);
      const { fault: said, ...rest } = broken[0] ?? assert.fail();
      const place = { tenant_id: ACME, device_id: 'boiler-1', timestamp_ms: Number(data['timestamp_ms']) };
      assert.deepEqual(rest, { ...place, sqlite: null, firestore: null });
      assert.match(said ?? '', fault);
      assert.match((await refused(move(box, 'telemetry'))).join(), /not equal; .*Firestore's bucket is broken, /);
      await mended(comparison);
    });
  }

  for (const text of ['{"value":', 'not JSON at all']) {
    it(`is named, mended, and read from SQLite while it holds ${JSON.stringify(text)}`, async () => {
      await move(box, 'telemetry');
      const { ref } = await oldest();
      await ref.update({ [`points.${String(HOUR_MS)}`]: text });
      assert.deepEqual(await walk(box, device, { now_ms: NOW_MS, expected: MAX_POINTS + 1 }), stored);
      assert.match(
        told.join('\n'),
        /^ERROR changed by hand, so SQLite answers: telemetry\/acme~boiler-1~\d+: the point/m,
      );
      const comparison = await full();
      assert.deepEqual(
        comparison.differences.map(({ firestore }) => firestore),
        [text],
      );
      await mended(comparison);
    });
  }

  it('loses in mending what can be no point, and keeps a point that only Firestore has', async () => {
    const { ref } = await oldest();
    await ref.update({ 'points.1': 'no point', 'points.2': '{"extra":1}' });
    const comparison = await full();
    assert.deepEqual(
      comparison.differences.map(({ firestore }) => firestore),
      ['no point', '{"extra":1}'],
    );
    await repair(box.parts, BY_COMMAND, comparison.differing);
    await deliveryOf(box).everything();
    assert.deepEqual(
      (await full()).differences.map(({ firestore }) => firestore),
      ['{"extra":1}'],
    );
  });

  it('is nothing that its new owner gets to see', async () => {
    const [, other = assert.fail()] = devices;
    await move(box, 'telemetry');
    await (await oldest()).ref.update({ device_id: other.device_id });
    assert.deepEqual(await walk(box, other, { now_ms: NOW_MS, expected: MAX_POINTS + 1 }), []);
    assert.match(told.join('\n'), /telemetry\/acme~boiler-1~\d+: it is said to be what belongs at acme~boiler-2~/);
  });

  it('is read from SQLite when it is no bucket any more', async () => {
    await move(box, 'telemetry');
    await (await oldest()).ref.update({ points: 'gone' });
    assert.deepEqual(await walk(box, device, { now_ms: NOW_MS, expected: MAX_POINTS + 1 }), stored);
    assert.match(told.join('\n'), /field points should be a map/);
  });

  it('is a device too, which is copied again before the end of the cutover', async () => {
    await move(box, 'telemetry');
    await move(box, 'audit');
    await client.doc('devices/acme~boiler-1').update({ tenant_id: GLOBEX, widths: 'wide' });
    await move(box, 'auth');
    const reasons = await refused(finalize(box.parts, BY_COMMAND));
    assert.deepEqual(reasons, ['device acme/boiler-1 is not the same in Firestore: it is copied again.']);
    await deliveryOf(box).everything();
    await finalize(box.parts, BY_COMMAND);
  });
});

describe('a bucket of a home on Firestore alone that somebody changed by hand', function () {
  this.timeout(60_000);
  let server: TestServer;
  let client: ReturnType<typeof connectWitness>;

  before(async () => {
    const doors = [recentTelemetry, ingestTelemetry];
    server = await startServer({ store: 'firestore', doors, config: { read_cache: 'none' } });
    const { home } = server.suite.config;
    assert(home.kind === 'firestore');
    client = connectWitness(home.project_id);
  });
  after(async () => {
    await client.terminate();
    await server.close();
  });

  it('is no answer that is no JSON', async () => {
    await server.seed.tenant('acme');
    const device = await server.seed.device({ tenant_id: 'acme' });
    const points = [{ timestamp_ms: server.clock.now_ms() - MINUTE_MS, metrics: { t: 1 } }];
    await server.device(device).post('/v1/telemetry', { device_id: device.device_id, points });
    const viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'viewer' }));
    const page = () => viewer.get(`/v1/telemetry/recent?device_id=${device.device_id}`);
    assert.equal((await page()).status, 200);
    const [found = assert.fail()] = (await client.collection('telemetry').get()).docs;
    const [offset = assert.fail()] = Object.keys(found.get('points') as object);
    await found.ref.update({ [`points.${offset}`]: '{"t":' });
    const answer = await page();
    assert.deepEqual([answer.status, answer.code], [500, 'internal']);
  });
});
