import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import { openJournalHarness, type JournalHarness } from '../stores/sqlite/journal/harness.ts';
import { status, type CutoverStatus } from './status.ts';

const NOW_MS = 1_800_000_000_000;

describe('where a box stands', () => {
  let box: JournalHarness;

  beforeEach(async () => {
    box = await openJournalHarness();
  });
  afterEach(() => box.close());

  const stands = (): Promise<CutoverStatus> =>
    status({
      journal: box.journal,
      clock: { now_ms: () => NOW_MS },
      gate: { remembered: () => Promise.resolve(null) },
    });
  const delivering = (at_ms: number, failing_since_ms: number | null) =>
    box.journal.save('delivery', { at_ms, per_minute: 0, failing_since_ms });
  const reasons = async () => (await stands()).concerns[0]?.reasons;

  it('is before its next step, unless its server just saw Firestore take nothing', async () => {
    assert.deepEqual(await reasons(), []);
    await delivering(NOW_MS - 1_000, NOW_MS - 5 * MINUTE_MS);
    const away = 'Firestore takes nothing since 5 min: wait until it answers.';
    assert.deepEqual(await reasons(), [away]);
    assert.equal((await stands()).finalize.at(-1), away);
    await delivering(NOW_MS - 10 * MINUTE_MS, NOW_MS - 15 * MINUTE_MS);
    assert.deepEqual(await reasons(), [], 'what nobody has looked at since says nothing of now');
  });
});
