import assert from 'node:assert/strict';
import { NOW_MS, aDevice } from '../../suite/fixtures.ts';
import { openJournalHarness, type JournalHarness } from './harness.ts';

const ALL = { start_ms: 0, end_ms: Number.MAX_SAFE_INTEGER };

describe("a box's file counts versions of buckets", () => {
  let box: JournalHarness;

  beforeEach(async () => {
    box = await openJournalHarness();
  });
  afterEach(() => box.close());

  const ref = async () => (await box.journal.dirtyBuckets(aDevice(), 0, 10))[0] ?? assert.fail('nothing is dirty');
  const dirty = async () => (await box.journal.state()).dirty.buckets;

  it('which are dirty until that very version was delivered', async () => {
    await box.write(1);
    const bucket = await ref();
    const early = (await box.journal.snapshot(bucket)) ?? assert.fail();
    await box.write(2, NOW_MS, 1);
    await box.journal.delivered(bucket, early.version, '1.0');
    assert.equal(await dirty(), 1);
    const late = (await box.journal.snapshot(bucket)) ?? assert.fail();
    assert.deepEqual([late.version, late.delivered_version, late.delivered_update], [2, 1, '1.0']);
    await box.journal.delivered(bucket, late.version, '2.0');
    assert.equal(await dirty(), 0);
    await box.journal.delivered(bucket, early.version, '1.5');
    assert.deepEqual((await box.journal.snapshot(bucket))?.delivered_update, '2.0');
    await box.journal.undelivered(bucket);
    assert.equal(await dirty(), 1);
  });

  it('and plans reads of what is dirty from the file, in the phase that holds now', async () => {
    await box.write(1);
    await box.write(1, NOW_MS - 86_400_000, 1);
    const plan = await box.journal.plan(aDevice(), ALL);
    assert.equal(plan.flags.telemetry, 'sqlite');
    assert.equal(plan.dirty.length, 2);
    assert(Number(plan.dirty[0]?.start_ms) > Number(plan.dirty[1]?.end_ms), 'newest first');
    const bucket = await ref();
    await box.journal.delivered(bucket, 1, '1.0');
    await box.set({ telemetry: 'firestore' });
    const next = await box.journal.plan(aDevice(), ALL);
    assert.deepEqual([next.flags.telemetry, next.dirty], ['firestore', plan.dirty.slice(0, 1)]);
    assert.deepEqual((await box.journal.plan(aDevice(), { start_ms: 0, end_ms: bucket.end_ms })).dirty, []);
  });

  it('and does not count what is from before the backfill', async () => {
    await box.write(1, NOW_MS - 86_400_000);
    await box.write(1, NOW_MS, 1);
    await box.set({ telemetry: 'dual', backfill_start_ms: NOW_MS - 3_600_000 });
    const state = (await box.journal.state()).dirty;
    assert.deepEqual([state.buckets, state.older_buckets], [1, 1]);
  });
});
