import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE_MS } from '../clock.ts';
import { readConfig } from '../config.ts';
import { Meter } from '../observability/meter.ts';
import { silentLogger } from '../observability/log.ts';
import { createSuite, type Suite } from '../suite.ts';
import { advance } from './advance.ts';
import { BY_COMMAND } from './events.ts';
import { boxParts } from './parts.ts';
import { reasonsOf } from './refused.ts';
import { checkIndexReadiness, compareStores, guardCutover } from './schedules.ts';

const NO_BOX = 'nothing to do: no box is moving here';

describe('the schedules of a move', () => {
  let folder: string;
  let now_ms: number;
  let suite: Suite;

  const open = (env: Record<string, string | undefined>): Suite =>
    (suite = createSuite(readConfig(env), { clock: { now_ms: () => now_ms }, logger: silentLogger }));
  const box = (): Suite => {
    const { FIRESTORE_EMULATOR_HOST } = process.env;
    const SQLITE_FILE = join(folder, 'bas.sqlite');
    return open({
      SQLITE_FILE,
      GCP_PROJECT_ID: `demo-${String(now_ms)}-${String(process.pid)}`,
      FIRESTORE_EMULATOR_HOST,
    });
  };
  const gateChanges = async () => {
    const { audit } = (await suite.backend()).withMeter(new Meter()).forTenant('system');
    return audit.query({ start_ms: 0, end_ms: now_ms + 1, action: 'gate.change' }, { limit: 10 });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-schedules-'));
    now_ms = Date.UTC(2025, 2, 3, 9);
  });
  afterEach(async () => {
    await suite.close();
    rmSync(folder, { recursive: true });
  });

  it('ask for indexes once somebody wanted to move, when it is due, and tell of a changed answer', async () => {
    box();
    assert.equal(await checkIndexReadiness(suite), NO_BOX);
    const parts = await boxParts(suite);
    await assert.rejects(advance(parts, 'telemetry', BY_COMMAND), (error) => reasonsOf(error) !== null);
    assert.equal(await checkIndexReadiness(suite), 'the index gate was asked not long ago');
    now_ms += 16 * MINUTE_MS;
    assert.equal(await checkIndexReadiness(suite), 'the index gate is emulator');
    assert.deepEqual(await gateChanges(), []);
    const report = await parts.gate.remembered();
    await parts.journal.save('gate', { ...report, state: 'not_ready' });
    now_ms += 16 * MINUTE_MS;
    await checkIndexReadiness(suite);
    const [event] = await gateChanges();
    assert.deepEqual([event?.source, event?.target], ['schedule', 'indexes']);
    assert.match(event?.detail ?? '', /^from not_ready to emulator; Firestore emulator/);
  });

  it('compare while telemetry is delivered, and not before', async () => {
    box();
    assert.equal(await compareStores(suite), NO_BOX);
    await advance(await boxParts(suite), 'telemetry', BY_COMMAND, { emulator: true });
    assert.match(await compareStores(suite), /^0 buckets compared with \d reads; 0 differ$/);
    const { journal } = await boxParts(suite);
    assert.ok(await journal.lease('comparison', 'somebody', now_ms, MINUTE_MS));
    assert.match(await compareStores(suite), /^Another comparison is running/);
  });

  it('have nothing to do in a home on Firestore alone, but to alert', async () => {
    const all = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
    open({ ...all, GCP_PROJECT_ID: 'demo-bas', FIRESTORE_EMULATOR_HOST: '127.0.0.1:9' });
    assert.deepEqual(await Promise.all([checkIndexReadiness(suite), compareStores(suite)]), [NO_BOX, NO_BOX]);
    assert.equal(await guardCutover(suite), NO_BOX);
    suite.watch.reads.tenantLeak();
    now_ms += MINUTE_MS;
    assert.equal(await guardCutover(suite), 'to be looked at: tenant_leak');
  });
});
