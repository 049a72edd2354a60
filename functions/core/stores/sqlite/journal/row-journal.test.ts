import Driver from 'better-sqlite3';
import assert from 'node:assert/strict';
import { ACME, NOW_MS, aDevice, aKey, anEvent, aTenant, aUser } from '../../suite/fixtures.ts';
import { prepareTables } from '../tables.ts';
import { openJournalHarness, type JournalHarness } from './harness.ts';
import { sqliteJournal } from './journal.ts';

describe("a box's file keeps marks of rows", () => {
  let box: JournalHarness;

  beforeEach(async () => {
    box = await openJournalHarness();
  });
  afterEach(() => box.close());

  it('not before anything moves, and of everything once it does', async () => {
    await box.furnish();
    await box.acme().users.create(aUser({ user_id: 'ada' }), anEvent());
    assert.deepEqual(await box.marks(), []);
    await box.set({ telemetry: 'dual' }, true);
    assert.deepEqual(await box.kinds(), [`tenant ${ACME}`, 'device boiler-1', 'key first', 'user ada']);
    const { rows } = (await box.journal.state()).dirty;
    assert.deepEqual(rows, { tenant: 1, device: 1, key: 1, user: 1, audit: 3 });
  });

  it('for every change, whoever makes it, and for a device when its keys change', async () => {
    await box.furnish();
    await box.set({ telemetry: 'dual' });
    const steps: readonly (readonly [() => Promise<unknown>, readonly string[]])[] = [
      [() => box.stores().tenants.create(aTenant('new')), ['tenant new']],
      [() => box.acme().devices.update('boiler-1', { name: 'B' }, NOW_MS, anEvent()), ['device boiler-1']],
      [() => box.acme().devices.touch('boiler-1', 'first', NOW_MS), ['device boiler-1', 'key first']],
      [() => box.acme().devices.issueKey(aKey({ key_id: 'second' }), anEvent()), ['device boiler-1', 'key second']],
      [() => box.acme().devices.revokeKey('boiler-1', 'first', anEvent()), ['device boiler-1', 'key first']],
      [() => box.acme().users.create(aUser({ user_id: 'ada' }), anEvent()), ['user ada']],
      [() => box.acme().users.update('ada', { disabled: true }, anEvent()), ['user ada']],
      [() => Promise.resolve(box.db.exec("UPDATE devices SET name = 'by hand'")), ['device boiler-1']],
    ];
    for (const [change, expected] of steps) {
      await box.forget();
      await change();
      assert.deepEqual(await box.kinds(), expected, change.toString());
    }
  });

  it('whose versions never come twice, so that only what was delivered is forgotten', async () => {
    await box.furnish();
    await box.set({ telemetry: 'dual' }, true);
    const before = await box.marks();
    await box.acme().devices.update('boiler-1', { name: 'B' }, NOW_MS, anEvent());
    await box.journal.clear(before);
    assert.deepEqual(await box.kinds(), ['device boiler-1']);
    const [again] = await box.journal.markedAgain(before.filter(({ kind }) => kind === 'device'));
    assert.equal(again?.found?.kind === 'device' ? again.found.row.name : null, 'B');
    await box.forget();
    assert.deepEqual(await box.journal.markedAgain(before), []);
    await box.acme().devices.update('boiler-1', { name: 'C' }, NOW_MS, anEvent());
    await box.journal.clear(before);
    assert.deepEqual(await box.kinds(), ['device boiler-1']);
  });

  it('of events, of which no more are read than were asked for', async () => {
    await box.furnish();
    await box.set({ telemetry: 'dual' }, true);
    await box.acme().audit.append(anEvent());
    assert.equal((await box.journal.dirtyEvents(ACME, 9)).length, 2);
    assert.equal((await box.journal.dirtyEvents(ACME, 1)).length, 1);
  });

  it('of rows that are found to differ, until they are delivered again', async () => {
    await box.furnish();
    await box.set({ telemetry: 'dual' });
    await box.journal.mark([{ kind: 'device', row: aDevice() }], NOW_MS);
    assert.deepEqual(await box.kinds(), ['device boiler-1']);
  });

  it('and hands out as many as are asked for, by count and by size, but never none', async () => {
    await box.furnish();
    await box.set({ telemetry: 'dual' });
    await box.forget();
    for (let n = 0; n < 6; n += 1) await box.acme().audit.append(anEvent({ detail: 'x'.repeat(10_000) }));
    const count = async (rows: number, bytes: number) => (await box.journal.marked(['audit'], { rows, bytes })).length;
    assert.deepEqual([await count(4, 1_000_000), await count(100, 35_000), await count(100, 5_000)], [4, 3, 1]);
    await box.forget();
    assert.equal(await count(100, 1_000_000), 0);
  });

  describe('of people', () => {
    const people = Array.from({ length: 30 }, (_, n) => `user-${String(n).padStart(2, '0')}`);

    beforeEach(async () => {
      await box.furnish();
      const { users } = box.acme();
      for (const user_id of people) await users.create(aUser({ user_id, username: `${user_id}@acme` }), anEvent());
      await box.set({ telemetry: 'dual' });
      for (const user_id of people.slice(10)) await users.update(user_id, { disabled: true }, anEvent());
    });

    it('one at a time, by id or name, whoever else is marked', async () => {
      const statements: string[] = [];
      const db = new Driver(box.file, { verbose: (sql) => statements.push(String(sql)) });
      const journal = sqliteJournal(db, prepareTables(db), { telemetry: false, audit: false, auth: false });
      statements.length = 0;
      const byId = await journal.dirtyUser(ACME, { user_id: 'user-12' });
      const byName = await journal.dirtyUser(ACME, { username: 'user-13@acme' });
      assert.deepEqual([byId?.user_id, byName?.user_id], ['user-12', 'user-13']);
      // Each: begin, the person, the mark, commit.
      assert.equal(statements.length, 8, statements.join('\n'));
      assert.equal(await journal.dirtyUser(ACME, { user_id: 'user-02' }), null);
      assert.equal(await journal.dirtyUser('globex', { user_id: 'user-12' }), null);
      db.close();
    });

    it('a page at a time, of which nobody who has left takes a place', async () => {
      const page = async (limit: number, after?: string) =>
        (await box.journal.dirtyUsers(ACME, { limit, after })).map(({ user_id }) => user_id);
      assert.deepEqual(await page(2), ['user-10', 'user-11']);
      assert.deepEqual(await page(2, 'user-11'), ['user-12', 'user-13']);
      assert.equal((await page(100)).length, 20);
      box.db.exec("DELETE FROM users WHERE user_id = 'user-11'");
      assert.deepEqual(await page(2), ['user-10', 'user-12']);
    });
  });
});
