/** The end of a cutover: what it asks for, what it drains, and that nothing is lost on the way. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@bas/core/clock';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { finalize } from '@bas/core/cutover/finalize';
import { prove } from '@bas/core/cutover/proving';
import { rollback } from '@bas/core/cutover/rollback';
import { Problem } from '@bas/core/errors';
import type { Device } from '@bas/core/model/entities';
import { Meter } from '@bas/core/observability/meter';
import { connectWitness } from '@bas/core/stores/firestore/harness';
import { ACME, anEvent, aSession, aUser, incoming, series } from '@bas/core/stores/suite/fixtures';
import {
  assertSamePoints,
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
  walk,
  type MovingBox,
} from './support/moving-box.ts';

describe('the end of a cutover', function () {
  this.timeout(60_000);
  let box: MovingBox;
  let devices: readonly Device[];
  let device: Device;
  const client = () => connectWitness(box.project_id);
  const end = (of: Pick<MovingBox, 'parts'> = box) => finalize(of.parts, BY_COMMAND);
  const now_ms = (): number => systemClock.now_ms();

  beforeEach(async () => {
    box = await openMovingBox();
    devices = await furnish(box, 2);
    [device = assert.fail()] = devices;
    await post(box, device, series(now_ms() - 1_000, 100, 3), { now_ms: now_ms() });
    const { users } = await tenantOf(box);
    await users.create(aUser(), anEvent());
  });
  afterEach(() => box.close());

  const moveAll = async (): Promise<void> => {
    await moveTelemetry(box, 'firestore');
    await move(box, 'audit');
    await move(box, 'auth');
  };
  const isClosed = (error: unknown): boolean => error instanceof Problem && error.code === 'store_unavailable';

  it('is refused while Firestore does not answer, before the box is closed', async () => {
    await moveAll();
    const { mirror } = box.parts;
    const away = mirrorWith(mirror, { readFlags: () => Promise.reject(new Problem('store_unavailable', 'Away.')) });
    const reasons = await refused(end({ parts: { ...box.parts, mirror: away } }));
    assert.match(reasons.join(), /^Firestore does not answer: /);
    assert.equal(box.parts.journal.flags().closing_until_ms, 0);
  });

  it('is refused before everything has moved, with every reason, and changes nothing', async () => {
    assert.equal((await refused(end())).length, 3);
    await moveTelemetry(box, 'firestore');
    await move(box, 'audit');
    assert.deepEqual(await refused(end()), ['auth is on sqlite: advance it first.']);
    await post(box, device, incoming([now_ms(), { still: 'open' }]), { now_ms: now_ms() + 60_000 });
    const told = (await box.sqlite.auditEvents('system')).filter(({ action }) => action === 'cutover.finalize');
    assert.deepEqual(
      told.map(({ outcome }) => outcome),
      ['refused', 'refused'],
    );
  });

  it('delivers the rest, closes the file, opens the cloud, and tells of it there', async () => {
    await moveAll();
    await post(box, device, incoming([now_ms(), { last: 1 }]), { now_ms: now_ms() + 60_000 });
    const { devices: rows } = await tenantOf(box);
    await rows.update(device.device_id, { name: 'Renamed' }, now_ms(), anEvent());
    await end();
    await assertSamePoints(box, devices, 4);
    const ours = await box.sqlite.auditEvents('system');
    assert.deepEqual(await box.firestore.auditEvents('system'), ours);
    assert.equal((await box.firestore.device(ACME, device.device_id))?.name, 'Renamed');
    assert.deepEqual(await box.firestore.users(ACME), await box.sqlite.users(ACME));
    assert.equal((await client().doc('system/flags').get()).get('finalized'), true);
    assert.throws(() => box.db.exec('UPDATE telemetry_buckets SET version = version + 1'), /the box is closed/);
    assert.throws(() => box.db.exec("UPDATE users SET role = 'admin'"), /the box is closed/);
    const dump = await box.sqlite.dump();
    await post(box, device, incoming([now_ms() + 1, { after: 1 }]), { now_ms: now_ms() + 120_000 });
    assert.deepEqual(await box.sqlite.dump(), dump);
    assert.equal((await walk(box, device, { now_ms: now_ms() })).length, 5);
  });

  it('ends every session, and knows whose cookie it was', async () => {
    await moveAll();
    const { users, sessions } = await tenantOf(box);
    const [user = assert.fail()] = await users.list({ limit: 1 });
    const session = aSession(user, { created_ms: now_ms(), last_seen_ms: now_ms() });
    assert.equal(await sessions.open(session, user.password_hash, anEvent()), 'opened');
    await end();
    const { credentials } = (await box.suite.backend()).withMeter(new Meter());
    assert.equal(await credentials.findSession(session.token_sha256), null);
    assert.equal(await credentials.endedByMove(session.token_sha256, now_ms()), true);
    assert.equal(await credentials.endedByMove('somebody else', now_ms()), false);
  });

  it('is followed by nothing but refusals, told where events are kept now', async () => {
    await moveAll();
    await end();
    for (const concern of ['telemetry', 'audit', 'auth'] as const) {
      assert.match((await refused(rollback(box.parts, concern, BY_COMMAND, 'too late'))).join(), /no way back/);
      assert.match((await refused(move(box, concern))).join(), /finalized.*no way back/);
    }
    assert.match((await refused(prove(box.parts))).join(), /finalized/);
    const told = await box.firestore.auditEvents('system');
    assert.equal(told.filter(({ outcome }) => outcome === 'refused').length, 6);
    assert.equal((await box.sqlite.auditEvents('system')).filter(({ outcome }) => outcome === 'refused').length, 0);
    await end();
  });

  it('is refused while a device is not in Firestore as it is, and opens the box again', async () => {
    await moveAll();
    await client().collection('devices').doc(`${ACME}~${device.device_id}`).update({ name: 'by hand' });
    assert.deepEqual(await refused(end()), [
      `device ${ACME}/${device.device_id} is not the same in Firestore: it is copied again.`,
    ]);
    assert.equal(box.parts.journal.flags().finalized, false);
    await post(box, device, incoming([now_ms(), { open: 1 }]), { now_ms: now_ms() + 60_000 });
    await end();
    assert.notEqual((await box.firestore.device(ACME, device.device_id))?.name, 'by hand');
  });

  it('is refused while a key is not in Firestore as it is: its device could not post there', async () => {
    await moveAll();
    const stored = await (await tenantOf(box)).devices.get(device.device_id);
    const key_id = stored?.keys[0]?.key_id ?? assert.fail();
    const key = client().collection('device_keys').doc(key_id);
    await key.update({ secret_sha256: 'by hand' });
    assert.deepEqual(await refused(end()), [
      `key ${key_id} of ${ACME}/${device.device_id} is not the same in Firestore: it is copied again.`,
    ]);
    await end();
    assert.notEqual((await key.get()).get('secret_sha256'), 'by hand');
  });

  it('stores nothing while it closes, and opens by itself when the one that closed it died', async () => {
    await moveAll();
    const closing_until_ms = now_ms() + 600;
    const audit = anEvent({ tenant_id: 'system' });
    await box.parts.journal.move(({ flags }) => ({ flags: { ...flags, closing_until_ms }, audit }));
    const points = incoming([now_ms(), { n: 1 }]);
    const written = () => post(box, device, points, { now_ms: now_ms() + 60_000 });
    await assert.rejects(written(), isClosed);
    const { users } = await tenantOf(box);
    await assert.rejects(users.create(aUser({ username: 'eve' }), anEvent()), isClosed);
    await until(() => now_ms() > closing_until_ms);
    await written();
    await deliveryOf(box).everything();
    await assertSamePoints(box, devices, 4);
  });

  it('is repeated after a crash between its last two commits', async () => {
    await moveAll();
    let published = 0;
    const crashing = mirrorWith(box.parts.mirror, {
      writeFlags: () => {
        published += 1;
        return Promise.reject(new Problem('store_unavailable', 'gone'));
      },
    });
    await assert.rejects(end({ parts: { ...box.parts, mirror: crashing } }), isClosed);
    assert.equal(published, 1);
    assert.equal(box.parts.journal.flags().finalized, true);
    assert.notEqual((await client().doc('system/flags').get()).get('finalized'), true);
    await end();
    assert.equal((await client().doc('system/flags').get()).get('finalized'), true);
    await post(box, device, incoming([now_ms() + 1, { after: 1 }]), { now_ms: now_ms() + 60_000 });
  });

  it('is ended by another when its process is killed, wherever that was', async () => {
    await moveAll();
    await post(box, device, series(now_ms() - 50 * 86_400_000, 86_400_000, 30), { now_ms: now_ms() + 60_000 });
    const file = join(import.meta.dirname, 'support/box.worker.ts');
    const child = fork(file, ['finalize', box.file, box.project_id]);
    const exited = once(child, 'exit');
    const { journal } = box.parts;
    await until(() => journal.flags().closing_until_ms > 0 || journal.flags().finalized, { pause_ms: 1 });
    await sleep(Math.random() * 100);
    child.kill('SIGKILL');
    await exited;
    // The one that died may have left the box closed, for half a minute at most.
    const { closing_until_ms, finalized } = journal.flags();
    if (!finalized && closing_until_ms > now_ms()) {
      assert.match((await refused(end())).join(), /being finalized by somebody else/);
      await sleep(closing_until_ms - now_ms() + 10);
    }
    await end();
    assert.equal(box.parts.journal.flags().finalized, true);
    assert.equal((await client().doc('system/flags').get()).get('finalized'), true);
    await assertSamePoints(box, devices, 33);
    assert.deepEqual(await box.firestore.auditEvents('system'), await box.sqlite.auditEvents('system'));
  });

  it('loses no acknowledged point of processes that post all the time', async () => {
    await moveAll();
    const file = join(import.meta.dirname, 'support/box.worker.ts');
    const acknowledged = [new Set<number>(), new Set<number>()];
    const after: number[] = [];
    const children = acknowledged.map((times, at) => {
      const child = fork(file, ['stream', box.file, box.project_id, String(at + 1)]);
      child.on('message', (message: 'ready' | { readonly acknowledged?: number }) => {
        if (message === 'ready' || message.acknowledged === undefined) return;
        times.add(message.acknowledged);
        if (box.parts.journal.flags().finalized) after.push(message.acknowledged);
      });
      return child;
    });
    try {
      await until(() => acknowledged.every(({ size }) => size > 20));
      await end();
      await until(() => after.length > 20);
    } finally {
      for (const child of children) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
    }
    for (const [at, { device_id }] of devices.entries()) {
      const stored = new Set((await box.firestore.points(ACME, device_id)).map(({ timestamp_ms }) => timestamp_ms));
      assert.deepEqual(
        [...(acknowledged[at] ?? [])].filter((time) => !stored.has(time)),
        [],
      );
    }
    const { telemetry } = (await box.suite.backend()).withMeter(new Meter()).forTenant(ACME);
    assert.notEqual(await telemetry.writeBudget(device, now_ms()), undefined);
  });
});
