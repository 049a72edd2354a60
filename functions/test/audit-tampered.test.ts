/** Whatever somebody does to a sealed log behind the suite's back is found, and named by the event's id. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { describeFinding } from '@bas/core/audit/findings';
import type { AuditEvent } from '@bas/core/model/audit';
import { sealEvent, sealId } from '@bas/core/model/seal';
import { ACME, anEvent, GLOBEX, NOW_MS } from '@bas/core/stores/suite/fixtures';
import { AuditUnderTest, type Fields } from './support/audit-log.ts';
import { STORES } from './support/server.ts';

for (const store of STORES) {
  describe(`a tampered audit log on ${store}`, function () {
    this.timeout(60_000);
    let log: AuditUnderTest;
    /** Sealed by four seals, five each; one more is not sealed yet. */
    let events: AuditEvent[];

    before(async () => {
      log = await AuditUnderTest.open(store);
      events = [];
      for (let round = 0; round < 4; round += 1) {
        events.push(...(await log.append(5, MINUTE_MS)));
        log.clock.advance(HOUR_MS);
        await log.seal();
      }
      await log.append(1, 0);
    });
    after(() => log.close());
    beforeEach(async () => assert.deepEqual(await log.findings(), []));
    afterEach(async () => assert.deepEqual(await log.findings(), [], 'what the test did is undone'));

    const at = (index: number): AuditEvent => events[index] ?? assert.fail();
    const id = (index: number): string => at(index).event_id;
    const seal = async (number: number): Promise<AuditEvent> => {
      const wanted = sealId(ACME, number);
      return (await log.stored()).find(({ event_id }) => event_id === wanted) ?? assert.fail();
    };

    /** What is found while `event` is as `fields` say. */
    async function changed({ event_id, ...event }: AuditEvent, fields: Fields): Promise<readonly string[]> {
      await log.intruder.change(event_id, fields);
      const found = await log.findings();
      const names = Object.entries(event).filter(([name]) => name in fields);
      await log.intruder.change(event_id, Object.fromEntries(names));
      return found;
    }

    async function removed(...gone: readonly AuditEvent[]): Promise<readonly string[]> {
      for (const { event_id } of gone) await log.intruder.remove(event_id);
      const found = await log.findings();
      for (const event of gone) await log.intruder.put(event);
      return found;
    }

    it('names an event of which anything was changed', async () => {
      const fields: Fields[] = [
        { action: 'auth.login' },
        { outcome: 'refused' },
        { user_id: 'nobody' },
        { user_id: null },
        { device_id: '' },
        { target: 'another' },
        { ip: '192.0.2.8' },
        { user_agent: '' },
        { request_id: 'request-2' },
        { source: 'admin' },
        { detail: 'more' },
      ];
      for (const some of fields) {
        assert.deepEqual(await changed(at(7), some), [`changed ${id(7)}`], JSON.stringify(some));
      }
    });

    it('names events that were removed, added or given another time, such as two in each other’s place', async () => {
      assert.deepEqual(await removed(at(0), at(12)), [`removed ${id(0)}`, `removed ${id(12)}`].sort());
      const extra = anEvent({ timestamp_ms: at(3).timestamp_ms + 1, source: 'sqlite_backfill' });
      await log.intruder.put(extra);
      assert.deepEqual(await log.findings(), [`added ${extra.event_id}`]);
      await log.intruder.remove(extra.event_id);

      const [one, other] = [at(1), at(2)];
      await log.intruder.change(one.event_id, { timestamp_ms: other.timestamp_ms });
      await log.intruder.change(other.event_id, { timestamp_ms: one.timestamp_ms });
      assert.deepEqual(await log.findings(), [`moved ${id(1)}`, `moved ${id(2)}`].sort());
      const told = (await log.verify()).findings.map(describeFinding).find((line) => line.includes(one.event_id));
      const instant = (event: AuditEvent) => new Date(event.timestamp_ms).toISOString();
      assert.equal(
        told,
        `event ${id(1)} of ${instant(one)} was moved to ${instant(other)} after seal 1 was put on it.`,
      );
      await log.intruder.change(one.event_id, { timestamp_ms: one.timestamp_ms });
      await log.intruder.change(other.event_id, { timestamp_ms: other.timestamp_ms });
    });

    it('names an event that was given to another tenant', async () => {
      await log.intruder.change(id(4), { tenant_id: GLOBEX });
      assert.deepEqual(await log.findings(), [`removed ${id(4)}`]);
      await log.intruder.change(id(4), { tenant_id: ACME });
    });

    it('names seals that were removed, also the first', async () => {
      const [first, second, third] = [await seal(1), await seal(2), await seal(3)];
      const covered = (from: number) => [0, 1, 2, 3, 4].map((n) => `added ${id(from + n)}`);
      const missing = (number: number) => `seal_missing ${sealId(ACME, number)}`;
      assert.deepEqual(await removed(second), [...covered(5), missing(2)].sort());
      assert.deepEqual(await removed(second, third), [...covered(5), ...covered(10), missing(2), missing(3)].sort());
      assert.deepEqual(await removed(first), [...covered(0), missing(1)].sort());
    });

    it('names a seal of which anything was changed, the newest too', async () => {
      for (const number of [2, 4]) {
        const sealed = await seal(number);
        const manifest = sealed.detail ?? '';
        const mine = (name: string) => name.startsWith('seal_changed') && name.endsWith(sealed.event_id);
        for (const fields of [
          { ip: '192.0.2.8' },
          { detail: manifest.replace(/"until_ms":\d/, '"until_ms":9') },
          { detail: null },
          { detail: '{' },
          { target: null },
          { timestamp_ms: sealed.timestamp_ms - 1 },
          { outcome: 'failure' },
        ] as const) {
          const found = await changed(sealed, fields);
          assert.equal(found.filter(mine).length, 1, `${number} ${JSON.stringify(fields)}: ${found.join()}`);
          assert.ok(!found.some((name) => name.startsWith('seal_missing')), 'told once');
        }
      }
    });

    it('names a seal that was made something else', async () => {
      for (const number of [2, 4]) {
        const sealed = await seal(number);
        const found = await changed(sealed, { action: 'auth.login' });
        assert.deepEqual(
          found.filter((name) => !name.startsWith('added')),
          [`seal_changed ${sealed.event_id}`],
        );
      }
    });

    it('names a seal that was made anew to hide what is gone', async () => {
      const sealed = await seal(3);
      const manifest = JSON.parse(sealed.detail ?? '') as Parameters<typeof sealEvent>[1];
      const forged = sealEvent(ACME, { ...manifest, events: manifest.events.slice(1) });
      await log.intruder.remove(id(10));
      const found = await changed(sealed, { detail: forged.detail, target: forged.target });
      await log.intruder.put(at(10));
      assert.deepEqual(found, [`seal_replaced ${sealed.event_id}`]);
    });

    it('is found by a seal that was kept elsewhere, though all were made anew', async () => {
      const { head } = await log.verify();
      assert.ok(head);
      assert.deepEqual((await log.verify(head)).findings, []);
      const another = { ...head, digest: head.digest.replace(/^./, (sign) => (sign === 'A' ? 'B' : 'A')) };
      assert.deepEqual((await log.verify(another)).findings, [{ kind: 'not_continued', seal: 4 }]);
      const newest = await seal(4);
      await log.intruder.remove(newest.event_id);
      const { findings } = await log.verify(head);
      await log.intruder.put(newest);
      assert.deepEqual(findings, [{ kind: 'not_continued', seal: 4 }]);
    });

    it('names the event, whichever it is and whatever is done to it', async () => {
      const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(null));
      const field = fc.oneof(
        fc.record({
          name: fc.constantFrom('user_id', 'target', 'ip', 'detail', 'device_id', 'user_agent'),
          value: text,
        }),
        fc.record({ name: fc.constantFrom('source', 'outcome', 'action', 'tenant_id'), value: fc.string() }),
        fc.record({ name: fc.constant('timestamp_ms'), value: fc.integer({ min: 0, max: NOW_MS * 2 }) }),
        fc.constant('remove' as const),
      );
      const property = fc.asyncProperty(fc.nat({ max: 19 }), field, async (index, done) => {
        const event = at(index);
        const found = done === 'remove' ? await removed(event) : await tried(event, done.name, done.value);
        return found === null || found.some((name) => name.endsWith(event.event_id));
      });
      await fc.assert(property, { seed: 20_261_123, numRuns: store === 'sqlite' ? 300 : 60 });
    });

    /** Null when that is no change. */
    async function tried(event: AuditEvent, name: string, value: string | number | null) {
      const before = Object.entries<unknown>({ ...event }).find(([known]) => known === name)?.[1];
      return before === value ? null : changed(event, { [name]: value });
    }

    if (store === 'firestore') {
      it('names an event that is none any more', async () => {
        assert.deepEqual(await changed(at(6), { source: null }), [`unreadable ${id(6)}`]);
        assert.deepEqual(await changed(at(6), { timestamp_ms: at(6).timestamp_ms + 0.5 }), [`moved ${id(6)}`]);
      });
    }
  });
}
