import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../clock.ts';
import { ACCOUNT_POLICY, ADDRESS_POLICY, type ThrottleReservation } from '../../model/throttle.ts';
import { NOW_MS } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const account = { key: 'account:acme:ada:192.0.2.7', policy: ACCOUNT_POLICY };
const address = { key: 'address:192.0.2.7/with/slashes and "quotes"', policy: ADDRESS_POLICY };

const isReserved = ({ kind }: ThrottleReservation) => kind === 'reserved';

export function throttle(store: StoreUnderTest): void {
  async function fail(times: number, now_ms = NOW_MS): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      assert.equal((await store.stores.throttle.reserve([account, address], now_ms)).kind, 'reserved');
    }
  }

  it('counts a try on every claim', async () => {
    await fail(2);
    for (const { key } of [account, address]) {
      assert.deepEqual(await store.raw.throttle(key), { failures: 2, blocked_until_ms: 0, updated_ms: NOW_MS });
    }
  });

  it('blocks after the free failures, and counts nothing on any claim then', async () => {
    await fail(5);
    const until_ms = NOW_MS + 30 * SECOND_MS;
    const blocked = await store.unchanged(() => store.stores.throttle.reserve([address, account], until_ms - 1));
    assert.deepEqual(blocked, { kind: 'blocked', claim: account, failures: 5, until_ms });
    await fail(1, until_ms);
    const state = await store.raw.throttle(account.key);
    assert.deepEqual([state?.failures, state?.blocked_until_ms], [6, until_ms + MINUTE_MS]);
  });

  it('names the claim that blocks longest, with its own failures', async () => {
    const { throttle } = store.stores;
    const often = { ...account, policy: { ...ACCOUNT_POLICY, free_failures: 1 } };
    const long = { ...address, policy: { ...ADDRESS_POLICY, free_failures: 1, first_wait_ms: 15 * MINUTE_MS } };
    for (const ago_ms of [MINUTE_MS, 0]) await throttle.reserve([often], NOW_MS - ago_ms);
    await throttle.reserve([long], NOW_MS);
    assert.deepEqual(
      [(await store.raw.throttle(often.key))?.failures, (await store.raw.throttle(long.key))?.failures],
      [2, 1],
    );
    const until_ms = NOW_MS + 15 * MINUTE_MS;
    const orders = [
      [often, long],
      [long, often],
    ];
    for (const claims of orders) {
      const blocked = await store.unchanged(() => throttle.reserve(claims, NOW_MS));
      assert.deepEqual(blocked, { kind: 'blocked', claim: long, failures: 1, until_ms });
    }
  });

  it('allows exactly the free failures of fifty tries at the same time', async () => {
    const outcomes = await store.race(50, (stores) => stores.throttle.reserve([account, address], NOW_MS));
    assert.equal(outcomes.filter(isReserved).length, ACCOUNT_POLICY.free_failures);
    for (const outcome of outcomes) if (outcome.kind === 'blocked') assert.deepEqual(outcome.claim, account);
    assert.equal((await store.raw.throttle(account.key))?.failures, ACCOUNT_POLICY.free_failures);
    assert.equal((await store.raw.throttle(address.key))?.failures, ACCOUNT_POLICY.free_failures);
  }).timeout(60_000);

  it('forgives after success: forgets one claim, takes one try back from the other', async () => {
    await fail(3);
    await store.stores.throttle.forgive([account], [address]);
    assert.equal(await store.raw.throttle(account.key), null);
    assert.equal((await store.raw.throttle(address.key))?.failures, 2);
    await store.unchanged(() => store.stores.throttle.forgive([account], [{ ...address, key: 'unknown' }]));
  });

  it('takes back every one of several tries at the same time', async () => {
    await fail(4);
    const outcomes = await store.race(3, async (stores) => {
      await stores.throttle.forgive([], [account]);
      return true;
    });
    assert.equal((await store.raw.throttle(account.key))?.failures, 4 - outcomes.length);
  });

  it('starts again after a long quiet', async () => {
    await fail(5);
    await fail(1, NOW_MS + ACCOUNT_POLICY.forget_after_ms);
    assert.equal((await store.raw.throttle(account.key))?.failures, 1);
  });

  it('is not reset by a server whose clock is behind', async () => {
    await fail(5);
    const reservation = await store.stores.throttle.reserve([account], NOW_MS - HOUR_MS);
    assert.equal(reservation.kind, 'blocked');
    assert.equal((await store.raw.throttle(account.key))?.failures, 5);
  });

  it('keeps claims apart', async () => {
    await fail(5);
    const other = { ...account, key: `${account.key}0` };
    assert.equal((await store.stores.throttle.reserve([other], NOW_MS)).kind, 'reserved');
    assert.equal((await store.raw.throttle(other.key))?.failures, 1);
  });
}
