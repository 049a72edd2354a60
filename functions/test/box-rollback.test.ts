import Driver from 'better-sqlite3';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@bas/core/config';
import { ALL_SQLITE } from '@bas/core/model/flags';
import { silentLogger } from '@bas/core/observability/log';
import { createSuite, type Suite } from '@bas/core/suite';
import { BY_COMMAND, cutoverEvent } from '@bas/core/cutover/events';
import { boxParts, type BoxParts } from '@bas/core/cutover/parts';
import { NO_PROOF, type Proof } from '@bas/core/cutover/proof';
import { loadProof } from '@bas/core/cutover/proving';
import { turnBack } from '@bas/core/cutover/rollback';

const GREEN: Proof = { ...NO_PROOF, full_ms: 1, green_since_ms: 1, checked_ms: 1, buckets: 1, points: 1 };

describe('a rollback', () => {
  let folder: string;
  let suite: Suite;
  let parts: BoxParts;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-rollback-'));
    const SQLITE_FILE = join(folder, 'bas.sqlite');
    const env = { SQLITE_FILE, GCP_PROJECT_ID: 'demo-bas', FIRESTORE_EMULATOR_HOST: '127.0.0.1:9' };
    suite = createSuite(readConfig(env), { logger: silentLogger });
    parts = await boxParts(suite);
    const facts = { outcome: 'success', target: 'box', detail: 'as this test begins' } as const;
    const audit = cutoverEvent(parts, BY_COMMAND, 'cutover.advance', facts);
    await parts.journal.move(() => ({ flags: { ...ALL_SQLITE, telemetry: 'firestore', audit: 'firestore' }, audit }));
    await parts.journal.save('comparison', GREEN);
  });
  afterEach(async () => {
    await suite.close();
    rmSync(folder, { recursive: true });
  });

  /** While this stands, the file refuses to change or forget a proof. */
  const keepProof = (db: Driver.Database) => {
    for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
      const row = event === 'DELETE' ? 'old' : 'new';
      db.exec(`CREATE TRIGGER keep_on_${event} BEFORE ${event} ON cutover_state WHEN ${row}.name = 'comparison'
        BEGIN SELECT RAISE(ABORT, 'the proof stays'); END`);
    }
  };

  for (const to of ['sqlite', 'dual'] as const) {
    it(`of telemetry to ${to} forgets the proof in the same commit: neither without the other`, async () => {
      const db = new Driver(join(folder, 'bas.sqlite'));
      keepProof(db);
      const turning = () => turnBack(parts, 'telemetry', BY_COMMAND, 'a test', to);
      await assert.rejects(turning());
      assert.equal(parts.journal.flags().telemetry, 'firestore');
      assert.deepEqual(await loadProof(parts.journal), GREEN);
      for (const event of ['INSERT', 'UPDATE', 'DELETE']) db.exec(`DROP TRIGGER keep_on_${event}`);
      db.close();
      await turning();
      assert.equal(parts.journal.flags().telemetry, to);
      assert.deepEqual(await loadProof(parts.journal), NO_PROOF);
    });
  }

  it('of anything else leaves the proof, and so does one that is refused', async () => {
    await turnBack(parts, 'audit', BY_COMMAND, 'a test', 'sqlite');
    await assert.rejects(turnBack(parts, 'audit', BY_COMMAND, 'a test', 'sqlite'));
    assert.deepEqual(await loadProof(parts.journal), GREEN);
  });
});
