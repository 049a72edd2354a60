import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, SESSION_SKEW_MS } from '@bas/core/model/session-rules';
import { RememberingPasswords } from '../support/passwords.ts';
import type { Browser, StoreName } from '../support/server.ts';
import { serverFor } from './doors.ts';

/** A server's clock that jumps while people are signed in lengthens nobody's session. */
export function clockCases(store: StoreName): void {
  describe('a session whose server has its clock set', () => {
    const server = serverFor({ store, parts: { passwords: new RememberingPasswords() } });
    const signedIn = async (): Promise<Browser> => server().signIn(await server().seed.user({ tenant_id: 'acme' }));
    const statusOf = async (browser: Browser): Promise<number> => (await browser.get('/v1/session')).status;

    it('an hour forward and back again, ends when it would have ended', async () => {
      const { clock } = server();
      const browser = await signedIn();
      const began_ms = clock.now_ms();
      clock.advance(HOUR_MS);
      assert.equal(await statusOf(browser), 401, 'an hour of nothing is too long, as far as the server can know');
      clock.set(began_ms + SESSION_IDLE_MS - SECOND_MS);
      assert.equal(await statusOf(browser), 200);
      while (clock.now_ms() + SESSION_IDLE_MS < began_ms + SESSION_ABSOLUTE_MS) {
        clock.advance(SESSION_IDLE_MS - SECOND_MS);
        assert.equal(await statusOf(browser), 200);
      }
      clock.set(began_ms + SESSION_ABSOLUTE_MS);
      assert.equal(await statusOf(browser), 401);
    });

    it('an hour back, has no hour more: it is over until the clock is right again', async () => {
      const { clock } = server();
      const browser = await signedIn();
      clock.advance(10 * MINUTE_MS);
      assert.equal(await statusOf(browser), 200);
      const seen_ms = clock.now_ms();
      clock.advance(-HOUR_MS);
      assert.equal(await statusOf(browser), 401);
      clock.set(seen_ms - SESSION_SKEW_MS);
      assert.equal(await statusOf(browser), 200, 'clocks of two instances may be this far apart');
      clock.set(seen_ms + SESSION_IDLE_MS);
      assert.equal(await statusOf(browser), 401, 'being used by a clock that is behind adds nothing');
    });

    it('right after it was an hour ahead, ends if it was opened or used by that clock', async () => {
      const { clock } = server();
      const used = await signedIn();
      const began_ms = clock.now_ms();
      clock.advance(SESSION_IDLE_MS - SECOND_MS);
      assert.equal(await statusOf(used), 200);
      clock.set(began_ms + HOUR_MS);
      const opened = await signedIn();
      clock.set(began_ms + MINUTE_MS);
      assert.deepEqual([await statusOf(used), await statusOf(opened)], [401, 401]);
    });
  });
}
