import assert from 'node:assert/strict';
import { HOUR_MS } from '../../clock.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { AuditFilter, AuditPlace } from '../contracts.ts';
import { ACME, GLOBEX, NOW_MS, aDevice, aKey, aUser, anEvent } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const EVER: AuditFilter = { start_ms: 0, end_ms: NOW_MS + HOUR_MS };

/** Newest first, equal times by id, descending. */
function inOrder(events: readonly AuditEvent[]): AuditEvent[] {
  return [...events].sort((a, b) => b.timestamp_ms - a.timestamp_ms || (a.event_id < b.event_id ? 1 : -1));
}

export function audit(store: StoreUnderTest): void {
  async function append(...events: readonly AuditEvent[]): Promise<void> {
    for (const event of events) await store.tenant(event.tenant_id).audit.append(event);
  }

  it('keeps an event word for word', async () => {
    const full = anEvent({ device_id: 'boiler-1', detail: 'é "x"\n' });
    const { tenant_id } = full;
    const bare = anEvent({ user_id: null, target: null, ip: null, user_agent: null, request_id: null });
    await append(full, bare);
    const stored = await store.raw.auditEvents(tenant_id);
    assert.deepEqual(inOrder(stored), inOrder([full, bare]));
    assert.deepEqual(await store.tenant().audit.query(EVER, { limit: 10 }), inOrder([full, bare]));
  });

  it('answers newest first, page by page, also among equal times', async () => {
    const events = Array.from({ length: 11 }, (_, i) => anEvent({ timestamp_ms: NOW_MS + Math.floor(i / 4) }));
    await append(...events);
    const pages: AuditEvent[] = [];
    for (let after: AuditPlace | undefined; ; after = pages.at(-1)) {
      const page = await store.tenant().audit.query(EVER, { after, limit: 3 });
      pages.push(...page);
      if (after === undefined) await append(anEvent({ timestamp_ms: NOW_MS + 50 }));
      if (page.length < 3) break;
    }
    assert.deepEqual(pages, inOrder(events));
    assert.equal((await store.raw.auditEvents(ACME)).length, 12);
  });

  it('filters by time, whose end is exclusive', async () => {
    const events = [0, 1, 2, 3].map((i) => anEvent({ timestamp_ms: NOW_MS + i }));
    await append(...events);
    const { audit } = store.tenant();
    const between = await audit.query({ start_ms: NOW_MS + 1, end_ms: NOW_MS + 3 }, { limit: 10 });
    assert.deepEqual(between, inOrder(events.slice(1, 3)));
    const after = { timestamp_ms: NOW_MS + 3, event_id: events[3]?.event_id ?? '' };
    const paged = await audit.query({ start_ms: NOW_MS + 1, end_ms: NOW_MS + 3 }, { after, limit: 10 });
    assert.deepEqual(paged, inOrder(events.slice(1, 3)));
  });

  it('filters by user, by action and by both', async () => {
    const events: AuditEvent[] = [];
    for (const user_id of ['u1', 'u2', null]) {
      for (const action of ['auth.login', 'auth.logout'] as const) {
        for (const i of [0, 1]) events.push(anEvent({ user_id, action, timestamp_ms: NOW_MS + i }));
      }
    }
    await append(...events);
    const { audit } = store.tenant();
    const filters = [{ user_id: 'u1' }, { action: 'auth.login' }, { user_id: 'u2', action: 'auth.logout' }] as const;
    for (const wanted of filters) {
      const matches = events.filter((event) =>
        Object.entries(wanted).every(([k, v]) =>
          Object.entries(event).some(([name, value]) => name === k && value === v),
        ),
      );
      assert.deepEqual(await audit.query({ ...EVER, ...wanted }, { limit: 50 }), inOrder(matches));
      const [first, ...rest] = inOrder(matches);
      assert.deepEqual(await audit.query({ ...EVER, ...wanted }, { after: first, limit: 50 }), rest);
    }
    assert.equal((await store.raw.auditEvents(ACME)).length, events.length);
  });

  it("cannot see, nor write, another tenant's events", async () => {
    const theirs = anEvent({ tenant_id: GLOBEX });
    await append(theirs);
    const { audit } = store.tenant(ACME);
    assert.deepEqual(await audit.query(EVER, { limit: 10 }), []);
    const filtered = { ...EVER, user_id: theirs.user_id ?? '', action: theirs.action };
    assert.deepEqual(await audit.query(filtered, { limit: 10 }), []);
    await store.stopped(() => audit.append(anEvent({ tenant_id: GLOBEX })));
    assert.deepEqual(await store.raw.auditEvents(GLOBEX), [theirs]);
  });

  it('stores a change together with its event, or neither', async () => {
    const { devices, users } = store.tenant();
    const event = anEvent();
    await append(event);
    const again = anEvent({ event_id: event.event_id });
    await store.unchanged(() => assert.rejects(devices.create(aDevice(), aKey(), again)));
    await store.unchanged(() => assert.rejects(users.create(aUser(), again)));
  });

  it('keeps every event of many at the same time', async () => {
    const outcomes = await store.race(20, async (stores, i) => {
      const event = anEvent({ timestamp_ms: NOW_MS + i });
      await stores.forTenant(ACME).audit.append(event);
      return event;
    });
    assert.deepEqual(inOrder(await store.raw.auditEvents(ACME)), inOrder(outcomes));
  }).timeout(60_000);
}
