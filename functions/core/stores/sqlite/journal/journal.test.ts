/** What the box's file remembers of its own changes. Real rows, real triggers; Firestore has no part in it. */
import Driver, { type Database } from 'better-sqlite3';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../../errors.ts';
import { ALL_SQLITE, type Flags } from '../../../model/flags.ts';
import { Meter } from '../../../observability/meter.ts';
import type { Mark, RowKind } from '../../journal.ts';
import { ACME, NOW_MS, aDevice, aKey, anEvent, aTenant, aUser, incoming } from '../../suite/fixtures.ts';
import { openSqlite, type SqliteHome } from '../open.ts';

const KINDS: readonly RowKind[] = ['tenant', 'device', 'key', 'user', 'audit'];
const ALL = { start_ms: 0, end_ms: Number.MAX_SAFE_INTEGER };

describe("the journal of a box's file", () => {
  let folder: string;
  let file: string;
  let box: SqliteHome;
  let db: Database;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
    file = join(folder, 'store.db');
    box = await openSqlite(file);
    db = new Driver(file);
  });
  afterEach(async () => {
    db.close();
    await box.close();
    rmSync(folder, { recursive: true });
  });

  const stores = () => box.withMeter(new Meter());
  const acme = () => stores().forTenant(ACME);
  const audit = () => anEvent({ tenant_id: 'system' });
  const set = (flags: Partial<Flags>, mark_all = false) =>
    box.journal.move((state) => ({ flags: { ...state.flags, ...flags }, audit: audit(), mark_all }));
  const marks = async (): Promise<readonly Mark[]> => (await box.journal.marked(KINDS, 100)).map(({ mark }) => mark);
  const kinds = async () =>
    (await marks()).map(({ kind, id }) => `${kind} ${id}`).filter((one) => !one.startsWith('audit'));
  const forget = async () => box.journal.clear(await marks());
  const write = (value: number, at_ms = NOW_MS, minute = 0) =>
    acme().telemetry.write({
      device: aDevice(),
      points: incoming([at_ms, { value }]),
      overwrite: true,
      now_ms: NOW_MS + minute * 60_000,
    });
  const furnish = async () => {
    await stores().tenants.create(aTenant());
    await acme().devices.create(aDevice(), aKey({ key_id: 'first' }), anEvent());
  };

  describe('keeps marks of rows', () => {
    it('not before anything moves, and of everything once it does', async () => {
      await furnish();
      await acme().users.create(aUser({ user_id: 'ada' }), anEvent());
      assert.deepEqual(await marks(), []);
      await set({ telemetry: 'dual' }, true);
      assert.deepEqual(await kinds(), [`tenant ${ACME}`, 'device boiler-1', 'key first', 'user ada']);
      const { rows } = (await box.journal.state()).dirty;
      assert.deepEqual(rows, { tenant: 1, device: 1, key: 1, user: 1, audit: 3 });
    });

    it('for every change, whoever makes it, and for a device when its keys change', async () => {
      await furnish();
      await set({ telemetry: 'dual' });
      const steps: readonly (readonly [() => Promise<unknown>, readonly string[]])[] = [
        [() => stores().tenants.create(aTenant('new')), ['tenant new']],
        [() => acme().devices.update('boiler-1', { name: 'B' }, NOW_MS, anEvent()), ['device boiler-1']],
        [() => acme().devices.touch('boiler-1', 'first', NOW_MS), ['device boiler-1', 'key first']],
        [() => acme().devices.issueKey(aKey({ key_id: 'second' }), anEvent()), ['device boiler-1', 'key second']],
        [() => acme().devices.revokeKey('boiler-1', 'first', anEvent()), ['device boiler-1', 'key first']],
        [() => acme().users.create(aUser({ user_id: 'ada' }), anEvent()), ['user ada']],
        [() => acme().users.update('ada', { disabled: true }, anEvent()), ['user ada']],
        [() => Promise.resolve(db.exec("UPDATE devices SET name = 'by hand'")), ['device boiler-1']],
      ];
      for (const [change, expected] of steps) {
        await forget();
        await change();
        assert.deepEqual(await kinds(), expected, change.toString());
      }
    });

    it('whose versions never come twice, so that only what was delivered is forgotten', async () => {
      await furnish();
      await set({ telemetry: 'dual' }, true);
      const before = await marks();
      await acme().devices.update('boiler-1', { name: 'B' }, NOW_MS, anEvent());
      await box.journal.clear(before);
      assert.deepEqual(await kinds(), ['device boiler-1']);
      const [again] = await box.journal.markedAgain(before.filter(({ kind }) => kind === 'device'));
      assert.equal(again?.found?.kind === 'device' ? again.found.row.name : null, 'B');
      await forget();
      assert.deepEqual(await box.journal.markedAgain(before), []);
      await acme().devices.update('boiler-1', { name: 'C' }, NOW_MS, anEvent());
      await box.journal.clear(before);
      assert.deepEqual(await kinds(), ['device boiler-1']);
    });

    it('of events, of which no more are read than were asked for', async () => {
      await furnish();
      await set({ telemetry: 'dual' }, true);
      await acme().audit.append(anEvent());
      assert.equal((await box.journal.dirtyEvents(ACME, 9)).length, 2);
      assert.equal((await box.journal.dirtyEvents(ACME, 1)).length, 1);
    });

    it('of rows that are found to differ, until they are delivered again', async () => {
      await furnish();
      await set({ telemetry: 'dual' });
      await box.journal.mark([{ kind: 'device', row: aDevice() }], NOW_MS);
      assert.deepEqual(await kinds(), ['device boiler-1']);
    });
  });

  describe('counts versions of buckets', () => {
    const ref = async () => (await box.journal.dirtyBuckets(aDevice(), 0, 10))[0] ?? assert.fail('nothing is dirty');
    const dirty = async () => (await box.journal.state()).dirty.buckets;

    it('which are dirty until that very version was delivered', async () => {
      await write(1);
      const bucket = await ref();
      const early = (await box.journal.snapshot(bucket)) ?? assert.fail();
      await write(2, NOW_MS, 1);
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
      await write(1);
      await write(1, NOW_MS - 86_400_000, 1);
      const plan = await box.journal.plan(aDevice(), ALL);
      assert.equal(plan.flags.telemetry, 'sqlite');
      assert.equal(plan.dirty.length, 2);
      assert(Number(plan.dirty[0]?.start_ms) > Number(plan.dirty[1]?.end_ms), 'newest first');
      const bucket = await ref();
      await box.journal.delivered(bucket, 1, '1.0');
      await set({ telemetry: 'firestore' });
      const next = await box.journal.plan(aDevice(), ALL);
      assert.deepEqual([next.flags.telemetry, next.dirty], ['firestore', plan.dirty.slice(0, 1)]);
      assert.deepEqual((await box.journal.plan(aDevice(), { start_ms: 0, end_ms: bucket.end_ms })).dirty, []);
    });

    it('and does not count what is from before the backfill', async () => {
      await write(1, NOW_MS - 86_400_000);
      await write(1, NOW_MS, 1);
      await set({ telemetry: 'dual', backfill_start_ms: NOW_MS - 3_600_000 });
      const state = (await box.journal.state()).dirty;
      assert.deepEqual([state.buckets, state.older_buckets], [1, 1]);
    });
  });

  describe('freezes and closes', () => {
    const soon = () => Date.now() + 60_000;
    const code = async (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error: unknown) => (error instanceof Problem ? error.code : error),
      );
    const everyWrite = () => [
      write(1),
      stores().tenants.create(aTenant('new')),
      acme().devices.update('boiler-1', { name: 'B' }, NOW_MS, anEvent()),
      acme().users.create(aUser(), anEvent()),
      acme().audit.append(anEvent()),
    ];
    const outcomes = async () => Promise.all(everyWrite().map(code));

    it('people alone while they are copied, for as long as was said', async () => {
      await furnish();
      await set({ auth: 'moving', frozen_until_ms: soon() });
      const no = 'precondition_failed';
      assert.deepEqual(await outcomes(), ['done', 'done', 'done', no, 'done']);
      await set({ frozen_until_ms: Date.now() - 1 });
      assert.equal(await code(acme().users.create(aUser(), anEvent())), 'done');
    });

    it('everything while the last of it is delivered, but for delivery itself and what is told of it', async () => {
      await furnish();
      await write(0);
      await set({ telemetry: 'dual', closing_until_ms: soon() }, true);
      const no = 'store_unavailable';
      assert.deepEqual(await outcomes(), [no, no, no, no, no]);
      const [bucket = assert.fail()] = await box.journal.dirtyBuckets(aDevice(), 0, 1);
      await box.journal.delivered(bucket, 1, '1.0');
      await forget();
      const told = await box.journal.move(() => ({ flags: null, audit: audit() }));
      assert.equal(told.flags, null);
      assert(box.journal.flags().closing_until_ms > Date.now(), 'a refusal must not open the box');
      assert.deepEqual(
        (await marks()).map(({ id }) => id),
        [told.audit.event_id],
      );
    });

    it('everything for good once it is finalized, whatever is tried, by every process', async () => {
      await furnish();
      await set({ finalized: true });
      const other = await openSqlite(file);
      const before = db.prepare('SELECT * FROM flags').get();
      assert.equal(new Set(await outcomes()).size, 1);
      const work = other.withMeter(new Meter()).forTenant(ACME).audit.append(anEvent());
      assert.equal(await code(work), 'store_unavailable');
      await other.journal.move(({ flags }) => ({ flags: { ...flags, finalized: false }, audit: audit() }));
      assert.deepEqual(db.prepare('SELECT * FROM flags').get(), before);
      await other.close();
    });
  });

  describe('holds flags', () => {
    it('by its seeds until a row is written, which wins from then on', async () => {
      const seeds = { telemetry: true, audit: false, auth: false };
      const seeded = await openSqlite(file, { seeds });
      assert.deepEqual([seeded.journal.flags().telemetry, seeded.journal.isSet()], ['firestore', false]);
      await seeded.journal.move(() => ({ flags: null, audit: audit() }));
      assert.equal(seeded.journal.isSet(), false);
      await seeded.journal.move(() => ({ flags: { ...ALL_SQLITE, telemetry: 'dual' }, audit: audit() }));
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
      await set(flags);
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
