import assert from 'node:assert/strict';
import { HOUR_MS, SECOND_MS } from '@bas/core/clock';
import { sealTenant } from '@bas/core/audit/sealing';
import { walkAll } from '@bas/core/audit/verification';
import { ACME, anEvent, NOW_MS } from '@bas/core/stores/suite/fixtures';
import { sealOne } from '../../scripts/lib/audit-work.ts';
import { AuditUnderTest } from './support/audit-log.ts';
import { STORES } from './support/server.ts';

for (const store of STORES) {
  it(`what came late to ${store} is not said to be taken in while another seals`, async () => {
    const log = await AuditUnderTest.open(store);
    try {
      await log.append(2, SECOND_MS);
      log.clock.advance(HOUR_MS);
      await log.seal();
      const late = anEvent({ timestamp_ms: NOW_MS });
      await log.log().append(late);
      const own = log.log();
      let others = 0;
      const overtaken = {
        append: own.append.bind(own),
        query: own.query.bind(own),
        walk: own.walk.bind(own),
        appendOnce: async (event: Parameters<typeof own.appendOnce>[0]) => {
          if (others > 0) {
            await log.append(others, 0);
            others = 0;
            log.clock.advance(HOUR_MS);
            await sealTenant(log.log(ACME, 1), ACME, log.clock.now_ms());
          }
          return own.appendOnce(event);
        },
      };
      const logs = {
        now_ms: () => log.clock.now_ms(),
        tenants: () => Promise.resolve([ACME]),
        of: () => overtaken,
        walk: (_tenant_id: string, now_ms: number) => walkAll(own, now_ms),
      };
      others = 1;
      const options = { late: true, again: false };
      assert.deepEqual(await sealOne(logs, ACME, options), { tenant_id: ACME, events: 0, seals: 0, late: [] });
      log.clock.advance(HOUR_MS);
      assert.deepEqual(await log.findings(), [`added ${late.event_id}`]);
      assert.deepEqual((await sealOne(logs, ACME, options)).late, [late.event_id]);
    } finally {
      await log.close();
    }
  });
}
