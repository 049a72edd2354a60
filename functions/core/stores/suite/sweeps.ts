import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../clock.ts';
import type { Session, User } from '../../model/entities.ts';
import { AUDIT_RETENTION_MS, oldestKept_ms } from '../../model/retention.ts';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from '../../model/session-rules.ts';
import { ACCOUNT_POLICY } from '../../model/throttle.ts';
import { ACME, GLOBEX, NOW_MS, aDevice, aSession, aTenant, aUser, anEvent, incoming, series } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

export function sweeps(store: StoreUnderTest): void {
  describe('sessions', () => sessionSweep(store));
  describe('retention', () => {
    retentionSweep(store);
  });
}

function sessionSweep(store: StoreUnderTest): void {
  let user: User;

  beforeEach(async () => {
    user = aUser();
    await store.stores.tenants.create(aTenant());
    await store.tenant().users.create(user, anEvent());
  });

  async function open(changes: Partial<Session>): Promise<Session> {
    const session = aSession(user, changes);
    assert.equal(await store.tenant().sessions.open(session, user.password_hash, anEvent()), 'opened');
    return session;
  }

  it('removes sessions at the instant they pass either limit, and none before', async () => {
    const idle_ms = NOW_MS - SESSION_IDLE_MS;
    const old_ms = NOW_MS - SESSION_ABSOLUTE_MS;
    await open({ created_ms: idle_ms, last_seen_ms: idle_ms });
    await open({ created_ms: old_ms, last_seen_ms: NOW_MS });
    const kept = [
      await open({ created_ms: idle_ms, last_seen_ms: idle_ms + 1 }),
      await open({ created_ms: old_ms + 1, last_seen_ms: NOW_MS }),
    ];
    assert.equal(await store.stores.sweeps.sessions(NOW_MS), 2);
    const left = (await store.raw.sessions(ACME)).map(({ token_sha256 }) => token_sha256);
    assert.deepEqual(left, kept.map(({ token_sha256 }) => token_sha256).sort());
    assert.equal(await store.unchanged(() => store.stores.sweeps.sessions(NOW_MS)), 0);
  });

  it('removes throttle counters once they are forgotten, and none before', async () => {
    const claim = { key: 'account:acme:ada', policy: ACCOUNT_POLICY };
    await store.stores.throttle.reserve([claim], NOW_MS);
    const forgotten_ms = NOW_MS + ACCOUNT_POLICY.forget_after_ms;
    assert.equal(await store.unchanged(() => store.stores.sweeps.sessions(forgotten_ms - 1)), 0);
    assert.equal(await store.stores.sweeps.sessions(forgotten_ms), 1);
    assert.equal(await store.raw.throttle(claim.key), null);
  });

  it('is safe side by side', async () => {
    const idle_ms = NOW_MS - HOUR_MS;
    for (let i = 0; i < 5; i += 1) await open({ created_ms: idle_ms, last_seen_ms: idle_ms });
    await store.race(2, (stores) => stores.sweeps.sessions(NOW_MS));
    assert.deepEqual(await store.raw.sessions(ACME), []);
  });
}

function retentionSweep(store: StoreUnderTest): void {
  const device = aDevice();
  const cutoff_ms = oldestKept_ms(NOW_MS);
  const eventCutoff_ms = NOW_MS - AUDIT_RETENTION_MS;
  const elsewhere = () => store.harness.differences.retention_elsewhere !== undefined;

  async function write(points: ReturnType<typeof incoming>, to = device): Promise<void> {
    const request = { device: to, points, overwrite: false, now_ms: cutoff_ms };
    assert.equal((await store.tenant(to.tenant_id).telemetry.write(request)).kind, 'done');
  }

  it('deletes expired points of every device, and none before', async () => {
    const other = aDevice({ tenant_id: GLOBEX, device_id: 'pump-1' });
    for (const to of [device, other]) await write(incoming([cutoff_ms - 1, { old: 1 }], [cutoff_ms, { kept: 1 }]), to);
    const expected = elsewhere() ? 0 : 2;
    const swept = await store.stores.sweeps.retention(NOW_MS);
    assert.deepEqual(swept, { points: expected, audit_events: 0, usage_rows: 0 });
    for (const { tenant_id, device_id } of [device, other]) {
      const points = await store.raw.points(tenant_id, device_id);
      assert.deepEqual(points.at(-1), { timestamp_ms: cutoff_ms, metrics: '{"kept":1}' });
      assert.equal(points.length, elsewhere() ? 2 : 1);
    }
  });

  it('counts the bytes of a bucket until the whole bucket has expired', async () => {
    const start_ms = cutoff_ms - (cutoff_ms % (6 * HOUR_MS));
    await write(
      incoming([start_ms, { old: 1 }], [start_ms + 6 * HOUR_MS - 1, { young: 1 }], [start_ms - 1, { older: 1 }]),
    );
    const buckets = await store.raw.buckets(ACME, device.device_id);
    await store.stores.sweeps.retention(NOW_MS);
    const left = await store.raw.buckets(ACME, device.device_id);
    assert.deepEqual(left, elsewhere() ? buckets : buckets.slice(1));
    await store.stores.sweeps.retention(NOW_MS + 6 * HOUR_MS);
    if (!elsewhere()) assert.deepEqual(await store.raw.buckets(ACME, device.device_id), []);
    assert.equal((await store.raw.points(ACME, device.device_id)).length, elsewhere() ? 3 : 0);
  });

  it('deletes more than one batch, side by side with writes', async () => {
    for (let i = 0; i < 3; i += 1) await write(series(cutoff_ms - DAY_MS + i * HOUR_MS, 1_000, 900));
    const young = incoming([cutoff_ms + MINUTE_MS, { young: 1 }]);
    const [swept] = await Promise.all([store.stores.sweeps.retention(NOW_MS), write(young)]);
    assert.equal(swept.points, elsewhere() ? 0 : 2_700);
    const points = await store.raw.points(ACME, device.device_id);
    assert.equal(points.length, elsewhere() ? 2_701 : 1);
    assert.equal(points.at(-1)?.metrics, '{"young":1}');
  });

  it('deletes expired audit events, and none before', async () => {
    const kept = anEvent({ timestamp_ms: eventCutoff_ms });
    const old = [anEvent({ timestamp_ms: eventCutoff_ms - 1 }), anEvent({ tenant_id: GLOBEX, timestamp_ms: 1 })];
    for (const event of [...old, kept]) await store.tenant(event.tenant_id).audit.append(event);
    const swept = await store.stores.sweeps.retention(NOW_MS);
    assert.deepEqual(swept, { points: 0, audit_events: elsewhere() ? 0 : 2, usage_rows: 0 });
    const left = await store.raw.auditEvents(ACME);
    assert.equal(left.length, elsewhere() ? 2 : 1);
    assert(left.some(({ event_id }) => event_id === kept.event_id));
  });
}
