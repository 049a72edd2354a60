/** What happens to people and their sessions when sign-in moves, and when it comes back. */
import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, systemClock } from '@bas/core/clock';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { rollback } from '@bas/core/cutover/rollback';
import { Problem } from '@bas/core/errors';
import type { User } from '@bas/core/model/entities';
import { Meter } from '@bas/core/observability/meter';
import { connectWitness } from '@bas/core/stores/firestore/harness';
import type { Mirror } from '@bas/core/stores/mirror';
import { ACME, anEvent, aPassword, aSession, aUser, series } from '@bas/core/stores/suite/fixtures';
import {
  deliveryOf,
  furnish,
  mirrorWith,
  move,
  moveTelemetry,
  openMovingBox,
  post,
  refused,
  tenantOf,
  until,
  type MovingBox,
} from './support/moving-box.ts';

describe('the move of sign-in', function () {
  this.timeout(60_000);
  let box: MovingBox;
  let ada: User;

  beforeEach(async () => {
    box = await openMovingBox();
    const [device = assert.fail()] = await furnish(box, 1);
    const now_ms = systemClock.now_ms();
    await post(box, device, series(now_ms - 1_000, 100, 3), { now_ms });
    const { users } = await tenantOf(box);
    ada = aUser();
    await users.create(ada, anEvent());
    await users.create(aUser({ username: 'bob' }), anEvent());
    await moveTelemetry(box, 'firestore');
    await move(box, 'audit');
  });
  afterEach(() => box.close());

  /** A session that is live now, as the door opens it. */
  async function signIn(user: User): Promise<string> {
    const now_ms = systemClock.now_ms();
    const session = aSession(user, { created_ms: now_ms, last_seen_ms: now_ms });
    const { sessions } = await tenantOf(box);
    assert.equal(await sessions.open(session, user.password_hash, anEvent()), 'opened');
    return session.token_sha256;
  }
  const credentials = async () => (await box.suite.backend()).withMeter(new Meter()).credentials;
  const inFirestore = async () => (await box.firestore.users(ACME)).find(({ user_id }) => user_id === ada.user_id);
  /** The same box, but that something happens just before its mirror is asked to `what`. */
  const interrupted = (what: 'endSessions' | 'getRows', happens: () => Promise<void>) => {
    const { mirror } = box.parts;
    const changes: Pick<Mirror, typeof what> = {
      endSessions: () => told('endSessions').then(() => mirror.endSessions()),
      getRows: (rows) => told('getRows').then(() => mirror.getRows(rows)),
    };
    const told = async (asked: typeof what): Promise<void> => (asked === what ? happens() : undefined);
    return { parts: { ...box.parts, mirror: mirrorWith(mirror, changes) } };
  };
  const isFrozen = (error: unknown): boolean =>
    error instanceof Problem && error.code === 'precondition_failed' && error.detail.includes('in a minute');

  it('copies everybody, verifies them, and reads them from Firestore', async () => {
    await move(box, 'auth');
    assert.deepEqual(await box.firestore.users(ACME), await box.sqlite.users(ACME));
    const meter = new Meter();
    const { users } = await tenantOf(box, meter);
    assert.deepEqual(await users.findByUsername('ada'), ada);
    assert(meter.reads > 0);
    assert.equal((await box.parts.journal.state()).dirty.rows.user, 0);
  });

  it('ends every session on either side, and knows for twelve hours whose cookie it was', async () => {
    const token = await signIn(ada);
    const client = connectWitness(box.project_id);
    await client.doc('sessions/old').set({ token_sha256: 'old', tenant_id: ACME, last_seen_ms: 1 });
    await move(box, 'auth');
    assert.deepEqual(await box.sqlite.sessions(ACME), []);
    assert.equal((await client.collection('sessions').get()).size, 0);
    await client.terminate();
    const found = await credentials();
    const now_ms = systemClock.now_ms();
    assert.equal(await found.findSession(token), null);
    assert.equal(await found.endedByMove(token, now_ms), true);
    assert.equal(await found.endedByMove(token, now_ms + 12 * HOUR_MS - MINUTE_MS), true);
    assert.equal(await found.endedByMove(token, now_ms + 12 * HOUR_MS), false);
    assert.equal(await found.endedByMove('never a token', now_ms), false);
    const fresh = await signIn(ada);
    await rollback(box.parts, 'auth', BY_COMMAND, 'a test');
    assert.equal(await found.findSession(fresh), null);
    assert.equal(await found.endedByMove(fresh, now_ms), true);
  });

  it('lets nobody be changed while it copies, and says so', async () => {
    const { users } = await tenantOf(box);
    let tried = 0;
    await move(
      interrupted('endSessions', async () => {
        tried += 1;
        await assert.rejects(users.update(ada.user_id, { disabled: true }, anEvent()), isFrozen);
        await assert.rejects(users.create(aUser({ username: 'eve' }), anEvent()), isFrozen);
        assert.equal(await users.rehash(ada.user_id, ada.password_hash, aPassword('second')), false);
        assert.deepEqual(await users.findByUsername('ada'), ada);
        assert.equal(await signIn(ada).then((token) => token.length), 64);
      }),
      'auth',
    );
    assert.equal(tried, 1);
    assert.equal((await users.update(ada.user_id, { disabled: true }, anEvent())).kind, 'updated');
    assert.deepEqual(await box.sqlite.sessions(ACME), []);
  });

  it('that took too long neither ends nor thaws the one that another began meanwhile', async () => {
    const { journal } = box.parts;
    const audit = anEvent({ tenant_id: 'system' });
    const frozen_until_ms = systemClock.now_ms() + 10 * MINUTE_MS;
    const late = interrupted('endSessions', async () => {
      await journal.move(({ flags }) => ({ flags: { ...flags, frozen_until_ms }, audit }));
    });
    assert.deepEqual(await refused(move(late, 'auth')), ['Copying people took too long: try again.']);
    const { auth, ...flags } = journal.flags();
    assert.deepEqual([auth, flags.frozen_until_ms], ['moving', frozen_until_ms]);
  });

  it('is refused, and thaws, when Firestore holds somebody otherwise than the file', async () => {
    const token = await signIn(ada);
    const client = connectWitness(box.project_id);
    const moving = move(
      interrupted('getRows', async () => {
        await client.doc(`users/${ada.user_id}`).update({ role: 'admin' });
      }),
      'auth',
    );
    assert.deepEqual(await refused(moving), ['user acme/ada is not the same in Firestore: it is copied again.']);
    await client.terminate();
    const { users } = await tenantOf(box);
    assert.equal(box.parts.journal.flags().auth, 'sqlite');
    assert.notEqual(await (await credentials()).findSession(token), null);
    assert.deepEqual(await inFirestore(), { ...ada, role: 'admin' });
    const bob = (await users.findByUsername('bob')) ?? assert.fail();
    assert.equal((await users.update(bob.user_id, { role: 'viewer' }, anEvent())).kind, 'updated');
    await move(box, 'auth');
    assert.deepEqual(await inFirestore(), ada);
  });

  it('leaves everything as it was when Firestore goes away in the middle', async () => {
    const token = await signIn(ada);
    const moving = move(
      interrupted('endSessions', () => Promise.reject(new Problem('store_unavailable', 'gone'))),
      'auth',
    );
    await assert.rejects(moving, { code: 'store_unavailable' });
    assert.equal(box.parts.journal.flags().auth, 'sqlite');
    assert.notEqual(await (await credentials()).findSession(token), null);
  });

  it('thaws by itself when the one that moved died', async () => {
    const audit = anEvent({ tenant_id: 'system' });
    const frozen_until_ms = systemClock.now_ms() + 700;
    await box.parts.journal.move(({ flags }) => ({ flags: { ...flags, auth: 'moving', frozen_until_ms }, audit }));
    const { users } = await tenantOf(box);
    await assert.rejects(users.update(ada.user_id, { disabled: true }, anEvent()), isFrozen);
    assert.deepEqual(await refused(move(box, 'auth')), ['auth is being moved by somebody else.']);
    await until(() => systemClock.now_ms() > frozen_until_ms);
    assert.equal((await users.update(ada.user_id, { disabled: true }, anEvent())).kind, 'updated');
    await move(box, 'auth');
    assert.equal((await inFirestore())?.disabled, true);
  });

  it('is not made by one who was too slow', async () => {
    const slow = interrupted('endSessions', () => {
      box.db.prepare('UPDATE flags SET frozen_until_ms = ?').run(systemClock.now_ms() - 1);
      return Promise.resolve();
    });
    assert.deepEqual(await refused(move(slow, 'auth')), ['Copying people took too long: try again.']);
    assert.equal(box.parts.journal.flags().auth, 'sqlite');
  });

  for (const [when, delivered] of [
    ['and delivered', true],
    ['and not delivered yet', false],
  ] as const) {
    it(`brings nobody back who was disabled, nor an old password, when it is rolled back: changed after it ${when}`, async () => {
      const { users } = await tenantOf(box);
      await move(box, 'auth');
      await users.update(ada.user_id, { disabled: true, password: aPassword('second') }, anEvent());
      if (delivered) await deliveryOf(box).everything();
      const expected = { ...ada, disabled: true, ...aPassword('second') };
      assert.deepEqual(await users.findByUsername('ada'), expected);
      await rollback(box.parts, 'auth', BY_COMMAND, 'a test');
      assert.deepEqual(await users.findByUsername('ada'), expected);
      await move(box, 'auth');
      assert.deepEqual(await inFirestore(), expected);
      assert.deepEqual(await users.get(ada.user_id), expected);
    });
  }

  it('keeps a change that was made just before it, and brings nothing back when it is rolled back', async () => {
    const { users } = await tenantOf(box);
    await move(box, 'auth');
    await rollback(box.parts, 'auth', BY_COMMAND, 'a test');
    await users.update(ada.user_id, { disabled: true }, anEvent());
    await move(box, 'auth');
    assert.equal((await users.get(ada.user_id))?.disabled, true);
    await rollback(box.parts, 'auth', BY_COMMAND, 'a test');
    assert.equal((await users.get(ada.user_id))?.disabled, true);
  });
});
