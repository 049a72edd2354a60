import assert from 'node:assert/strict';
import { ALL_SQLITE, type Flags } from '../../../model/flags.ts';
import { anEvent } from '../../suite/fixtures.ts';
import { openSqlite } from '../open.ts';
import { openJournalHarness, type JournalHarness } from './harness.ts';

describe("the journal of a box's file", () => {
  let box: JournalHarness;

  beforeEach(async () => {
    box = await openJournalHarness();
  });
  afterEach(() => box.close());

  describe('holds flags', () => {
    it('by its seeds until a row is written, which wins from then on', async () => {
      const seeds = { telemetry: true, audit: false, auth: false };
      const seeded = await openSqlite(box.file, { seeds });
      assert.deepEqual([seeded.journal.flags().telemetry, seeded.journal.isSet()], ['firestore', false]);
      await seeded.journal.move(() => ({ flags: null, audit: anEvent({ tenant_id: 'system' }) }));
      assert.equal(seeded.journal.isSet(), false);
      await seeded.journal.move(() => ({
        flags: { ...ALL_SQLITE, telemetry: 'dual' },
        audit: anEvent({ tenant_id: 'system' }),
      }));
      assert.deepEqual([seeded.journal.flags().telemetry, seeded.journal.isSet()], ['dual', true]);
      assert.equal(box.journal.flags().telemetry, 'dual', 'another process sees it at once');
      await seeded.close();
    });

    it('as they were put, all of them', async () => {
      const flags: Flags = {
        telemetry: 'firestore',
        audit: 'firestore',
        auth: 'moving',
        finalized: false,
        since_ms: { telemetry: 1, audit: 2, auth: 3 },
        backfill_start_ms: 4,
        waived: 'on paper',
        frozen_until_ms: 5,
        closing_until_ms: 6,
      };
      await box.set(flags);
      assert.deepEqual(box.journal.flags(), flags);
    });
  });

  describe('lends a lease', () => {
    it('to one at a time, until it is given back or over', async () => {
      const lease = (holder: string, now_ms: number) => box.journal.lease('work', holder, now_ms, 100);
      assert.deepEqual([await lease('a', 0), await lease('b', 50), await lease('a', 60)], [true, false, true]);
      assert.deepEqual([await lease('b', 159), await lease('b', 160), await lease('a', 161)], [false, true, false]);
      await box.journal.release('work', 'a');
      assert.equal(await lease('a', 162), false);
      await box.journal.release('work', 'b');
      assert.equal(await lease('a', 163), true);
    });
  });
});
