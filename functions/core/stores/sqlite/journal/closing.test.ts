import assert from 'node:assert/strict';
import { Problem } from '../../../errors.ts';
import { Meter } from '../../../observability/meter.ts';
import { ACME, NOW_MS, aDevice, anEvent, aSession, aTenant, aUser } from '../../suite/fixtures.ts';
import { openSqlite } from '../open.ts';
import { openJournalHarness, type JournalHarness } from './harness.ts';

describe("a box's file freezes and closes", () => {
  let box: JournalHarness;

  beforeEach(async () => {
    box = await openJournalHarness();
  });
  afterEach(() => box.close());

  const soon = () => Date.now() + 60_000;
  const code = async (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Problem ? error.code : error),
    );
  const everyWrite = () => [
    box.write(1),
    box.stores().tenants.create(aTenant('new')),
    box.acme().devices.update('boiler-1', { name: 'B' }, NOW_MS, anEvent()),
    box.acme().users.create(aUser(), anEvent()),
    box.acme().audit.append(anEvent()),
  ];
  const outcomes = async () => Promise.all(everyWrite().map(code));

  it('people alone while they are copied, for as long as was said', async () => {
    await box.furnish();
    await box.set({ auth: 'moving', frozen_until_ms: soon() });
    const no = 'precondition_failed';
    assert.deepEqual(await outcomes(), ['done', 'done', 'done', no, 'done']);
    await box.set({ frozen_until_ms: Date.now() - 1 });
    assert.equal(await code(box.acme().users.create(aUser(), anEvent())), 'done');
  });

  it('everything while the last of it is delivered, but for delivery itself and what is told of it', async () => {
    await box.furnish();
    await box.write(0);
    await box.set({ telemetry: 'dual', closing_until_ms: soon() }, true);
    const no = 'store_unavailable';
    assert.deepEqual(await outcomes(), [no, no, no, no, no]);
    const [bucket = assert.fail()] = await box.journal.dirtyBuckets(aDevice(), 0, 1);
    await box.journal.delivered(bucket, 1, '1.0');
    await box.forget();
    const told = await box.journal.move(() => ({ flags: null, audit: anEvent({ tenant_id: 'system' }) }));
    assert.equal(told.flags, null);
    assert(box.journal.flags().closing_until_ms > Date.now(), 'a refusal must not open the box');
    assert.deepEqual(
      (await box.marks()).map(({ id }) => id),
      [told.audit.event_id],
    );
  });

  it('and lets people look on meanwhile, whose sessions stay as they were seen before', async () => {
    await box.furnish();
    const user = aUser();
    const session = aSession(user);
    await box.acme().users.create(user, anEvent());
    assert.equal(await box.acme().sessions.open(session, user.password_hash, anEvent()), 'opened');
    const touch = (at_ms: number) => code(box.acme().sessions.touch(session.token_sha256, at_ms, session.fingerprint));
    const seen_ms = async () => (await box.stores().credentials.findSession(session.token_sha256))?.last_seen_ms;
    await box.set({ closing_until_ms: soon() });
    assert.deepEqual([await touch(NOW_MS + 1), await seen_ms()], ['done', session.last_seen_ms]);
    await box.set({ closing_until_ms: 0 });
    assert.deepEqual([await touch(NOW_MS + 2), await seen_ms()], ['done', NOW_MS + 2]);
    await box.set({ finalized: true });
    assert.equal(await touch(NOW_MS + 3), 'store_unavailable');
  });

  it('everything for good once it is finalized, whatever is tried, by every process', async () => {
    await box.furnish();
    await box.set({ finalized: true });
    const other = await openSqlite(box.file);
    const before = box.db.prepare('SELECT * FROM flags').get();
    assert.equal(new Set(await outcomes()).size, 1);
    const work = other.withMeter(new Meter()).forTenant(ACME).audit.append(anEvent());
    assert.equal(await code(work), 'store_unavailable');
    await other.journal.move(({ flags }) => ({
      flags: { ...flags, finalized: false },
      audit: anEvent({ tenant_id: 'system' }),
    }));
    assert.deepEqual(box.db.prepare('SELECT * FROM flags').get(), before);
    await other.close();
  });
});
