/** What the log tells of a person's document that somebody changed by hand. */
import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import type { Logger } from '@bas/core/observability/log';
import { connectWitness } from '@bas/core/stores/firestore/harness';
import { anEvent, aUser, NOW_MS, series } from '@bas/core/stores/suite/fixtures';
import { MovableClock } from './support/movable-clock.ts';
import { deliveryOf, furnish, move, moveTelemetry, openMovingBox, post, tenantOf } from './support/moving-box.ts';

describe('a document of a person that somebody changed by hand', function () {
  this.timeout(60_000);

  it('is read from SQLite, and told without the name', async () => {
    const told: string[] = [];
    const logger: Logger = { log: (...line) => void told.push(JSON.stringify(line)) };
    const box = await openMovingBox({ logger, clock: new MovableClock(NOW_MS) });
    const [device = assert.fail()] = await furnish(box, 1);
    await post(box, device, series(NOW_MS - HOUR_MS, MINUTE_MS, 10), { now_ms: NOW_MS });
    const { users } = await tenantOf(box);
    const user = aUser({ username: 'ada.lovelace' });
    await users.create(user, anEvent({ action: 'user.create' }));
    await moveTelemetry(box, 'firestore');
    await move(box, 'audit');
    await deliveryOf(box).everything();
    await move(box, 'auth');
    await deliveryOf(box).everything();
    const client = connectWitness(box.project_id);
    await client.doc('usernames/acme~ada.lovelace').update({ user_id: 5 });
    assert.equal((await users.findByUsername('ada.lovelace'))?.user_id, user.user_id);
    const lines = told.filter((line) => line.includes('changed by hand'));
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /usernames\/[0-9a-f]{64}: field user_id should be a string/);
    assert.doesNotMatch(told.join('\n'), /lovelace/);
    await Promise.all([client.terminate(), box.close()]);
  });
});
