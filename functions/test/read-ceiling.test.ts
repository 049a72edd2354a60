/** However often somebody signs in, what they may read is bounded, by every door; what ends a session is always answered. */
import assert from 'node:assert/strict';
import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import { USER_DASHBOARD_READS_PER_MINUTE, USER_OTHER_READS_PER_MINUTE } from '@bas/core/budgets/user-reads';
import { SECOND_MS } from '@bas/core/clock';
import account from '../src/https/account.ts';
import auditEvents from '../src/https/audit-events.ts';
import devices from '../src/https/devices.ts';
import logout from '../src/https/logout.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import session from '../src/https/session.ts';
import usage from '../src/https/usage.ts';
import users from '../src/https/users.ts';
import type { SeededUser } from './support/seed.ts';
import { DEFAULT_PASSWORD } from './support/seed.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';

const DOORS = [account, auditEvents, devices, logout, recentTelemetry, session, usage, users];
const LISTS = ['/v1/account/sessions', '/v1/audit', '/v1/devices', '/v1/devices/d', '/v1/session', '/v1/usage'];

describe('what one user may read', function () {
  this.timeout(30_000);
  let server: TestServer;
  let ada: SeededUser;
  let browser: Browser;

  beforeEach(async () => {
    server = await startServer({ store: 'firestore', doors: DOORS });
    await server.seed.tenant('acme');
    await server.seed.device({ tenant_id: 'acme', device_id: 'd' });
    ada = await server.seed.user({ tenant_id: 'acme', role: 'admin' });
    browser = await server.signIn(ada);
  });
  afterEach(() => server.close());

  /** A request of another session of hers. */
  function another() {
    const { tenant_id, user_id } = ada;
    return server.suite.dashboards.allowance({ tenant_id, user_id, session_id: 'another' }, server.clock.now_ms(), 0);
  }

  it('by lists has a ceiling, which names when to go on', async () => {
    for (const path of [...LISTS, '/v1/users']) assert.equal((await browser.get(path)).status, 200, path);
    const spent = another();
    spent.askOther();
    spent.counted(USER_OTHER_READS_PER_MINUTE);
    for (const path of [...LISTS, '/v1/users']) {
      const refused = await browser.get(path);
      assert.deepEqual(
        [refused.status, refused.code, refused.headers['x-read-count']],
        [429, 'read_budget', '0'],
        path,
      );
      assert.equal(refused.member('limit'), USER_OTHER_READS_PER_MINUTE);
      assert.ok(Number(refused.member('used')) >= USER_OTHER_READS_PER_MINUTE);
    }
    assert.equal((await browser.send('PATCH', '/v1/devices/d', { json: { name: 'New' } })).status, 429);
    assert.equal((await browser.get('/v1/telemetry/recent?device_id=d')).status, 200, 'dashboards go on');
    const bob = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'admin' }));
    assert.equal((await bob.get('/v1/devices')).status, 200, 'and so do others');

    const { headers } = await browser.get('/v1/users');
    server.clock.advance(Number(headers['retry-after']) * SECOND_MS);
    assert.equal((await browser.get('/v1/users')).status, 200);
  });

  it('never stands in the way of a new password and of signing out', async () => {
    const spent = another();
    spent.askOther();
    spent.counted(USER_OTHER_READS_PER_MINUTE);
    const json = { current_password: DEFAULT_PASSWORD, new_password: 'another long password' };
    assert.equal((await browser.send('POST', '/v1/account/password', { json })).status, 200);
    const next = await server.signIn({ ...ada, password: json.new_password });
    assert.equal((await next.get('/v1/session')).status, 429);
    assert.equal((await next.send('POST', '/v1/logout')).status, 204);
  });

  it('by dashboards is what ten of them have, however many there are', async () => {
    const spent = another();
    spent.ask({ question: 'q', device_ids: ['d'], held_ms: null });
    spent.counted(USER_DASHBOARD_READS_PER_MINUTE - 10);
    const fresh = await server.signIn(ada);
    const looked = await fresh.get('/v1/telemetry/recent?device_id=d');
    assert.equal(looked.status, 200);
    spent.counted(10);
    const refused = await (await server.signIn(ada)).get('/v1/telemetry/recent?device_id=e');
    assert.deepEqual([refused.status, refused.code], [429, 'read_budget']);
    assert.equal(refused.member('limit'), USER_DASHBOARD_READS_PER_MINUTE);
    assert.ok(USER_DASHBOARD_READS_PER_MINUTE >= 10 * DASHBOARD_READS_PER_MINUTE);
  });
});
