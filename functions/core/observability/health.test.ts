import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { ALL_SQLITE } from '../model/flags.ts';
import { BY_ITSELF, cutoverEvent } from '../cutover/events.ts';
import { createSuite, type Suite } from '../suite.ts';
import { silentLogger } from './log.ts';

const NOWHERE = { GCP_PROJECT_ID: 'demo-bas', FIRESTORE_EMULATOR_HOST: '127.0.0.1:9' };
const MOVED = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };

describe('health', () => {
  let folder: string;
  let now_ms: number;
  let suite: Suite;

  const open = (env: Record<string, string>): Suite =>
    (suite = createSuite(readConfig(env), { clock: { now_ms: () => now_ms }, logger: silentLogger }));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-health-'));
    now_ms = Date.UTC(2025, 2, 3, 9);
  });
  afterEach(async () => {
    await suite.close();
    rmSync(folder, { recursive: true });
  });

  it('of a moving box tells phases, gate, breakers and what is still to deliver, and looks once a second', async () => {
    const { home, health, clock, ids, watch } = open({ SQLITE_FILE: join(folder, 'bas.sqlite'), ...NOWHERE });
    const { box } = await home();
    assert.ok(box);
    const facts = { outcome: 'success', target: 'telemetry', detail: 'as this test begins' } as const;
    const audit = cutoverEvent({ clock, ids }, BY_ITSELF, 'cutover.advance', facts);
    await box.journal.move(() => ({ flags: { ...ALL_SQLITE, telemetry: 'firestore' }, audit }));
    const flags = { telemetry: 'firestore', audit: 'sqlite', auth: 'sqlite' };
    const well = {
      status: 'ok',
      build: 'local',
      flags,
      gate: { state: 'not_asked' },
      breakers: { telemetry: 'closed', audit: 'closed', auth: 'closed', firestore: 'closed' },
      delivery: { dirty: 0, oldest_age_ms: null, per_minute: 0, failing_since_ms: null },
    };
    assert.deepEqual(await health(), well);
    watch.reads.operation('telemetry', false);
    now_ms += 999;
    assert.deepEqual(await health(), well);
    now_ms += 1;
    const { status, breakers } = await health();
    assert.deepEqual([status, breakers['telemetry']], ['degraded', 'open']);
    await box.journal.save('delivery', { at_ms: now_ms, per_minute: 7, failing_since_ms: now_ms - 5 });
    watch.reads.operation('telemetry', true);
    now_ms += 1_000;
    const { status: still, delivery } = await health();
    assert.deepEqual([still, delivery?.per_minute, delivery?.failing_since_ms], ['degraded', 7, now_ms - 1_005]);
    watch.reads.operation('telemetry', false);
    await box.journal.move(() => ({ flags: ALL_SQLITE, audit: { ...audit, event_id: ids.uuid() } }));
    now_ms += 1_000;
    // Back on SQLite nobody asks Firestore any more: what it was like before is no news.
    const back = await health();
    assert.deepEqual(
      [back.status, back.breakers['telemetry'], back.delivery?.failing_since_ms],
      ['ok', 'closed', null],
    );
  });

  it('on Firestore alone asks nobody', async () => {
    open({ ...NOWHERE, ...MOVED });
    const { status, flags, gate, breakers } = await suite.health();
    assert.deepEqual([status, flags['auth'], gate.state], ['ok', 'firestore', 'open']);
    assert.deepEqual(breakers, { firestore: 'closed' });
  });

  it('answers even when the store cannot be opened', async () => {
    const file = join(folder, 'bas.sqlite');
    writeFileSync(file, 'this is no database');
    open({ SQLITE_FILE: file });
    const { status, flags } = await suite.health();
    assert.deepEqual([status, flags['telemetry']], ['degraded', 'unknown']);
  });
});
