/** What health tells of a home on Firestore alone: what it saw of the store itself, and what looking costs. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readConfig } from '@bas/core/config';
import { healthReport, type Health } from '@bas/core/observability/health';
import { silentLogger } from '@bas/core/observability/log';
import { Meter } from '@bas/core/observability/meter';
import { emulatorHost } from '@bas/core/stores/firestore/harness';
import { createSuite, type Suite } from '@bas/core/suite';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';

const ON_FIRESTORE = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
const LOOKS_EVERY_MS = 10_000;

describe('health on Firestore alone', function () {
  this.timeout(20_000);
  let proxy: GrpcProxy;
  let suite: Suite;
  let meter: Meter;
  let passed_ms: number;
  let health: () => Promise<Health>;

  beforeEach(async () => {
    proxy = await startGrpcProxy(emulatorHost());
    const place = { GCP_PROJECT_ID: `demo-${randomUUID()}`, FIRESTORE_EMULATOR_HOST: proxy.host };
    suite = createSuite(readConfig({ ...ON_FIRESTORE, ...place }), { logger: silentLogger });
    await proxy.lead(() => suite.backend());
    meter = new Meter();
    passed_ms = 0;
    health = healthReport({ ...suite, meter: () => meter, elapsed_ms: () => passed_ms });
  });
  afterEach(async () => {
    await suite.close();
    await proxy.close();
  });

  const told = async () => {
    const { status, breakers } = await health();
    return [status, breakers['firestore']];
  };

  it('asks for one document in ten seconds, however many poll', async () => {
    for (let n = 0; n < 20; n += 1) {
      const { status, flags, gate, breakers } = await health();
      assert.deepEqual([status, flags['auth'], gate.state], ['ok', 'firestore', 'open']);
      assert.deepEqual(breakers, { firestore: 'closed' });
      passed_ms += 499;
    }
    assert.deepEqual([proxy.counts.calls(), proxy.counts.reads, meter.reads], [1, 1, 1]);
    passed_ms = LOOKS_EVERY_MS;
    await Promise.all(Array.from({ length: 20 }, health));
    assert.deepEqual([proxy.counts.calls(), meter.reads], [2, 2]);
  });

  it('tells of a store that fails, and of its return', async () => {
    proxy.rules.add({ fault: { kind: 'status', status: 'UNAVAILABLE', message: 'no' } });
    assert.deepEqual(await told(), ['degraded', 'open']);
    proxy.rules.clear();
    assert.deepEqual(await told(), ['degraded', 'open']);
    passed_ms = LOOKS_EVERY_MS;
    assert.deepEqual(await told(), ['ok', 'closed']);
  });

  it('answers within three seconds while the store says nothing', async () => {
    assert.deepEqual(await told(), ['ok', 'closed']);
    passed_ms = LOOKS_EVERY_MS;
    proxy.pause();
    const started_ms = performance.now();
    assert.deepEqual(await told(), ['degraded', 'open']);
    assert(performance.now() - started_ms < 3_000);
  });
});
