import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { EVENTS_PER_SEAL, sealLate, sealTenant, SETTLED_MS } from '@bas/core/audit/sealing';
import { AUDIT_RETENTION_MS } from '@bas/core/model/retention';
import { readSeal, sealId } from '@bas/core/model/seal';
import { ACME, anEvent, GLOBEX } from '@bas/core/stores/suite/fixtures';
import auditDoor from '../src/https/audit-events.ts';
import { AuditUnderTest } from './support/audit-log.ts';
import { startServer, STORES } from './support/server.ts';

for (const store of STORES) {
  describe(`seals of an audit log on ${store}`, function () {
    this.timeout(60_000);
    let log: AuditUnderTest;

    beforeEach(async () => {
      log = await AuditUnderTest.open(store);
    });
    afterEach(() => log.close());

    /** Every event that has settled is in exactly one seal, in order. */
    async function sealedIds(): Promise<readonly string[]> {
      // Several seals of one moment are a millisecond apart.
      log.clock.advance(SECOND_MS);
      const seals = (await log.seals()).flatMap((event) => readSeal(event) ?? []);
      return seals.flatMap(({ manifest }) => manifest.events.map(([event_id]) => event_id));
    }

    it('cover what has settled, once, and are made of events alone', async () => {
      const events = await log.append(5, MINUTE_MS);
      await log.append(3, SECOND_MS, { tenant_id: GLOBEX });
      assert.deepEqual(await log.seal(), [], 'nothing has settled');
      log.clock.advance(SETTLED_MS - MINUTE_MS);
      await log.seal();
      assert.deepEqual(
        await sealedIds(),
        events.slice(0, 4).map(({ event_id }) => event_id),
      );
      log.clock.advance(HOUR_MS);
      await log.seal();
      assert.deepEqual(
        await sealedIds(),
        events.map(({ event_id }) => event_id),
      );
      for (let n = 0; n < 3; n += 1) {
        log.clock.advance(HOUR_MS);
        assert.deepEqual(await log.seal(), [], 'a seal is nothing to seal');
      }
      const { findings, head, unsealed, ...counts } = await log.verify();
      assert.deepEqual(counts, { tenant_id: ACME, events: 5, seals: 2, late: [], beginning: null, kept: 'none' });
      assert.deepEqual([findings, head?.seal, unsealed], [[], 2, null]);
    });

    it('are several when there is much, also of one instant, and go on where a crash left them', async () => {
      const count = EVENTS_PER_SEAL * 2 + 30;
      const now_ms = log.clock.now_ms();
      const events = Array.from({ length: count }, (_, n) =>
        anEvent({ timestamp_ms: now_ms + (n < count - 20 ? 0 : n) }),
      );
      for (let from = 0; from < count; from += 50) {
        await Promise.all(events.slice(from, from + 50).map((event) => log.log().append(event)));
      }
      log.clock.advance(HOUR_MS);
      let left = 1;
      const dying = {
        ...bound(log),
        appendOnce: async (event: Parameters<ReturnType<typeof log.log>['appendOnce']>[0]) => {
          left -= 1;
          if (left < 0) throw new Error('the process has died');
          return log.log().appendOnce(event);
        },
      };
      await assert.rejects(sealTenant(dying, ACME, log.clock.now_ms()), /died/);
      assert.equal((await sealedIds()).length, EVENTS_PER_SEAL);
      await log.seal();
      const inOrder = events.toSorted((a, b) => a.timestamp_ms - b.timestamp_ms || (a.event_id < b.event_id ? -1 : 1));
      assert.deepEqual(
        await sealedIds(),
        inOrder.map(({ event_id }) => event_id),
      );
      assert.deepEqual(await log.findings(), []);
    });

    it('are made once by two at the same time', async () => {
      for (let round = 0; round < 4; round += 1) {
        await log.append(3, SECOND_MS);
        log.clock.advance(HOUR_MS);
        const now_ms = log.clock.now_ms();
        await Promise.all(([0, 1] as const).map((by) => sealTenant(log.log(ACME, by), ACME, now_ms + by)));
      }
      assert.equal(new Set(await sealedIds()).size, 12);
      assert.equal((await sealedIds()).length, 12);
      assert.deepEqual([await log.findings(), (await log.verify()).head?.seal], [[], 4]);
    });

    it('go on behind one that was changed, and after a clock that was ahead', async () => {
      for (let round = 0; round < 2; round += 1) {
        await log.append(2, SECOND_MS);
        log.clock.advance(HOUR_MS);
        await log.seal();
      }
      const broken = sealId(ACME, 2);
      await log.intruder.change(broken, { detail: 'x' });
      const events = await log.append(1, 0);
      log.clock.advance(HOUR_MS);
      await log.seal();
      assert.deepEqual(await log.findings(), [`seal_changed ${broken}`]);
      assert.equal((await sealedIds()).length, 5, 'what it covered is sealed again');
      assert.ok((await sealedIds()).includes(events[0]?.event_id ?? ''));

      log.clock.advance(-HOUR_MS / 2);
      const [behind] = await log.append(1, 0);
      log.clock.advance(2 * HOUR_MS);
      await log.seal();
      assert.deepEqual(await log.findings(), [`added ${behind?.event_id}`, `seal_changed ${broken}`]);
      const late = (await log.stored()).filter(({ event_id }) => event_id === behind?.event_id);
      const walked = late.map((event) => ({ ...event, event }));
      await sealLate(log.log(), ACME, walked, log.clock.now_ms());
      assert.deepEqual(await log.findings(), [`seal_changed ${broken}`]);
      assert.deepEqual(
        (await log.verify()).late.map(({ event_id, seal }) => [event_id, seal]),
        [[behind?.event_id, 4]],
      );
      await log.append(1, 0);
      log.clock.advance(HOUR_MS);
      await log.seal();
      assert.deepEqual(await log.findings(), [`seal_changed ${broken}`]);
    });

    it('may expire with what they cover, and not before', async () => {
      const old = await log.append(4, MINUTE_MS);
      const first_ms = log.clock.now_ms();
      log.clock.advance(6 * HOUR_MS);
      await log.seal();
      log.clock.advance(AUDIT_RETENTION_MS / 2);
      await log.append(4, MINUTE_MS);
      log.clock.advance(HOUR_MS);
      await log.seal();
      log.clock.set(first_ms + AUDIT_RETENTION_MS + MINUTE_MS);
      assert.deepEqual(await log.findings(), [], 'expired, and not deleted yet');
      for (const { event_id } of old) await log.intruder.remove(event_id);
      assert.deepEqual(await log.findings(), [], 'events leave before the seal that covers them');
      log.clock.advance(6 * HOUR_MS);
      await log.intruder.remove(sealId(ACME, 1));
      await log.append(1, 0);
      log.clock.advance(HOUR_MS);
      await log.seal();
      const { findings, seals, head } = await log.verify();
      assert.deepEqual([findings, seals, head?.seal], [[], 2, 3]);
      log.clock.advance(AUDIT_RETENTION_MS * 2);
      assert.deepEqual([(await log.verify()).head, await log.findings()], [null, []]);
    });

    it('are waited for no longer than a day', async () => {
      await log.append(3, SECOND_MS);
      log.clock.advance(23 * HOUR_MS);
      assert.deepEqual([await log.findings(), (await log.verify()).unsealed?.events], [[], 3]);
      log.clock.advance(2 * HOUR_MS);
      assert.deepEqual(await log.findings(), ['unsealed']);
    });
  });
}

/** The log's own methods, to be handed on one by one. */
function bound(log: AuditUnderTest) {
  const own = log.log();
  return {
    append: own.append.bind(own),
    query: own.query.bind(own),
    walk: own.walk.bind(own),
  };
}

describe('a seal in the list of events', () => {
  for (const store of STORES) {
    it(`is told on ${store} as what it covers, by its action too, without the manifest`, async () => {
      const server = await startServer({ store, doors: [auditDoor] });
      try {
        await server.seed.tenant('acme');
        const admin = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'admin' }));
        server.clock.advance(SETTLED_MS + MINUTE_MS);
        const { audit } = (await server.seed.stores()).forTenant('acme');
        const [seal] = await sealTenant(audit, 'acme', server.clock.now_ms());
        assert.equal(seal?.manifest.events.length, 2, 'the user and the sign-in');
        const listed = await admin.get('/v1/audit?action=audit.seal');
        assert.equal(listed.status, 200, listed.text);
        assert.equal(listed.text.split('"action":"audit.seal"').length - 1, 1);
        assert.match(listed.text, /2 events/);
        for (const [event_id] of seal.manifest.events)
          assert.ok(!listed.text.includes(event_id), 'the manifest is not told');
      } finally {
        await server.close();
      }
    });
  }
});
