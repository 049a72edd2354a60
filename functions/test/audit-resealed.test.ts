/** The schedule goes on after somebody was at the seals: it neither stops without a word nor makes good what was done. */
import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { beginAgain, EVENTS_PER_SEAL, sealTenant } from '@bas/core/audit/sealing';
import type { AuditEvent } from '@bas/core/model/audit';
import { sealId, shortened } from '@bas/core/model/seal';
import { ACME, anEvent, GLOBEX, NOW_MS } from '@bas/core/stores/suite/fixtures';
import { AuditUnderTest, nameOf } from './support/audit-log.ts';
import { STORES } from './support/server.ts';

for (const store of STORES) {
  describe(`an audit log on ${store} that is sealed again`, function () {
    this.timeout(60_000);
    let log: AuditUnderTest;
    /** Five a week, sealed within two hours: so many weeks, so many seals. */
    let events: AuditEvent[];

    beforeEach(async () => {
      log = await AuditUnderTest.open(store);
      events = [];
      for (let week = 0; week < 3; week += 1) {
        events.push(...(await log.append(5, MINUTE_MS)));
        await sealedLater();
        log.clock.advance(7 * DAY_MS);
      }
      assert.deepEqual(await log.findings(), []);
    });
    afterEach(() => log.close());

    async function sealedLater(): Promise<void> {
      log.clock.advance(HOUR_MS);
      await log.seal();
      log.clock.advance(HOUR_MS);
    }

    const at = (index: number): AuditEvent => events[index] ?? assert.fail();
    const removeSeals = async (...numbers: readonly number[]) => {
      for (const number of numbers) await log.intruder.remove(sealId(ACME, number));
    };

    it('names the seal that was made in place of the newest ones', async () => {
      const { head } = await log.verify();
      await removeSeals(2, 3);
      await log.intruder.change(at(6).event_id, { ip: '192.0.2.8' });
      await log.intruder.remove(at(7).event_id);
      await sealedLater();
      const { findings, beginning } = await log.verify();
      const [found, ...more] = findings;
      assert.deepEqual([more, beginning], [[], null]);
      assert.ok(found?.kind === 'sealed_late');
      assert.deepEqual([found.seal, found.events, found.since_ms], [2, 9, at(5).timestamp_ms]);
      assert.equal((await log.verify(head)).findings.at(0)?.kind, 'not_continued');
    });

    it('says when all seals are newer than what they cover, which a kept seal alone makes a finding', async () => {
      const { head } = await log.verify();
      await removeSeals(1, 2, 3);
      await log.intruder.change(at(1).event_id, { ip: '192.0.2.8' });
      log.clock.advance(HOUR_MS);
      const sealed_ms = log.clock.now_ms();
      await log.seal();
      const { findings, beginning } = await log.verify();
      assert.deepEqual([findings, beginning], [[], { sealed_ms, older_events: 15 }]);
      assert.deepEqual((await log.verify(head)).findings, [{ kind: 'not_continued', seal: 3 }]);
    });

    it('goes on behind the newest seal, whatever was changed of it', async () => {
      for (const fields of [
        { timestamp_ms: at(3).timestamp_ms },
        { action: 'auth.login' },
        { tenant_id: GLOBEX },
        { timestamp_ms: log.clock.now_ms() + 9 * DAY_MS },
      ]) {
        const { head } = await log.verify();
        const broken = head?.seal ?? assert.fail();
        await log.intruder.change(sealId(ACME, broken), fields);
        const [event] = await log.append(1, 0);
        log.clock.advance(HOUR_MS);
        const now_ms = log.clock.now_ms();
        const made = await Promise.all(([0, 1] as const).map((by) => sealTenant(log.log(ACME, by), ACME, now_ms + by)));
        const [seal, ...more] = made.flat();
        assert.equal(more.length, 0);
        assert.equal(seal?.manifest.seal, broken + 1, JSON.stringify(fields));
        const covered = seal.manifest.events.map(([event_id]) => event_id);
        assert.ok(covered.includes(event?.event_id ?? ''), 'what is new is sealed');
        log.clock.advance(HOUR_MS);
        const found = (await log.findings()).filter((name) => name.endsWith(sealId(ACME, broken)));
        const kind = 'tenant_id' in fields ? 'seal_missing' : 'seal_changed';
        assert.deepEqual(found, [`${kind} ${sealId(ACME, broken)}`]);
      }
    });

    it('is asked about no more, once the seals were kept that came late', async () => {
      await log.append(1, 0);
      log.clock.advance(2 * DAY_MS);
      await log.seal();
      log.clock.advance(HOUR_MS);
      assert.deepEqual(await log.findings(), [`sealed_late ${sealId(ACME, 4)}`]);
      const { head } = await log.verify();
      assert.deepEqual((await log.verify(head)).findings, []);
      await log.append(1, 0);
      log.clock.advance(2 * DAY_MS);
      await log.seal();
      log.clock.advance(HOUR_MS);
      const { findings } = await log.verify(head);
      assert.deepEqual(
        findings.map((finding) => finding.kind === 'sealed_late' && finding.seal),
        [5],
      );
    });
  });

  it(`a log of ${EVENTS_PER_SEAL + 10} old events on ${store} is begun with by several seals, and that is no finding`, async () => {
    const log = await AuditUnderTest.open(store);
    try {
      await log.append(EVENTS_PER_SEAL + 10, MINUTE_MS);
      log.clock.advance(9 * DAY_MS);
      const sealed_ms = log.clock.now_ms();
      assert.equal((await log.seal()).length, 2);
      await log.append(1, 0);
      log.clock.advance(HOUR_MS);
      await log.seal();
      const { findings, beginning } = await log.verify();
      assert.deepEqual([findings, beginning], [[], { sealed_ms, older_events: EVENTS_PER_SEAL + 10 }]);
    } finally {
      await log.close();
    }
  }).timeout(30_000);

  it(`a clock on ${store} that was a month ahead is told of, and the sealing begins again`, async () => {
    const log = await AuditUnderTest.open(store);
    try {
      await log.append(2, MINUTE_MS);
      log.clock.advance(30 * DAY_MS);
      const [ahead] = await log.append(1, 0);
      log.clock.advance(HOUR_MS);
      await log.seal();
      log.clock.set(NOW_MS + HOUR_MS);
      const [between] = await log.append(1, 0);
      log.clock.advance(HOUR_MS);
      await assert.rejects(log.seal(), /sealed until \S+ already/);
      await beginAgain(log.log(), ACME, log.clock.now_ms());
      const again = (await log.stored()).find(({ event_id }) => event_id === sealId(ACME, 2)) ?? assert.fail();
      assert.match(shortened(again).detail ?? '', /^seal 2: 0 events from /);
      assert.equal(await beginAgain(log.log(), ACME, log.clock.now_ms()), null, 'once is enough');
      const [after] = await log.append(1, 0);
      log.clock.advance(HOUR_MS);
      const [seal] = await log.seal();
      assert.deepEqual(seal?.manifest.events[0]?.[0], after?.event_id);
      assert.deepEqual(await log.seal(), []);
      const { findings, head, events } = await log.verify();
      assert.deepEqual([head?.seal, events], [3, 5], 'what is of a later time is read too');
      assert.deepEqual(findings.map(nameOf), [`added ${between?.event_id}`]);
      log.clock.set((ahead?.timestamp_ms ?? 0) + DAY_MS);
      await log.seal();
      log.clock.advance(HOUR_MS);
      assert.deepEqual(await log.findings(), [`added ${between?.event_id}`], 'nothing is late by being sealed twice');
    } finally {
      await log.close();
    }
  });
}

it('a log on firestore with times between two milliseconds is sealed by seals that can be read', async () => {
  const log = await AuditUnderTest.open('firestore');
  try {
    for (let n = 0; n < EVENTS_PER_SEAL + 2; n += 1) {
      await log.intruder.put(anEvent({ timestamp_ms: NOW_MS + n + 0.5 }));
    }
    log.clock.advance(HOUR_MS);
    assert.equal((await log.seal()).length, 2);
    log.clock.advance(HOUR_MS);
    assert.deepEqual(await log.findings(), []);
    assert.equal((await log.verify()).unsealed, null);
  } finally {
    await log.close();
  }
}).timeout(30_000);
