import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { Exchange } from '../http/exchange.ts';
import { newSession } from '../sessions/new-session.ts';
import { createSuite, type Suite } from '../suite.ts';
import { TODAY } from '../passwords/stored-hash.ts';
import { tenantAccess, type SessionAccess } from '../tenancy/access.ts';
import { updateUser } from './users.ts';

describe('two admins who remove each other at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bas-users-'));
  const suite = createSuite(readConfig({ SQLITE_FILE: join(folder, 'bas.sqlite') }));
  const exchange = new Exchange(suite, request(), { function_name: 'users', params: {} });

  after(async () => {
    await suite.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('leave one of them', async () => {
    const stores = await exchange.stores();
    await stores.tenants.create({ tenant_id: 'acme', name: 'Acme', disabled: false, created_ms: 0 });
    const [one, two] = [await adminAccess(suite, exchange), await adminAccess(suite, exchange)];
    const outcomes = await Promise.allSettled([
      updateUser(one, two.session.user_id, { role: 'viewer' }, exchange),
      updateUser(two, one.session.user_id, { disabled: true }, exchange),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const users = await stores.forTenant('acme').users.list({ limit: 10 });
    assert.equal(users.filter(({ role, disabled }) => role === 'admin' && !disabled).length, 1);
  });
});

function request(): Exchange['request'] {
  return {
    method: 'PATCH',
    path: '/v1/users',
    query: '',
    header: () => undefined,
    protocol: 'HTTP/1.1',
    socket_address: '127.0.0.1',
    body: () => Promise.resolve(null),
  };
}

/** An admin who is past the session check already, when the other's change has not happened yet. */
async function adminAccess(suite: Suite, exchange: Exchange): Promise<SessionAccess> {
  const stores = (await exchange.stores()).forTenant('acme');
  const user_id = suite.ids.uuid();
  const password = { password_hash: 'not tried', algo_params: TODAY };
  const user = {
    tenant_id: 'acme',
    user_id,
    username: user_id,
    role: 'admin',
    disabled: false,
    created_ms: 0,
  } as const;
  await stores.users.create({ ...user, ...password }, exchange.event('acme', 'user.create', 'success'));
  const { session } = newSession(exchange, { ...user, ...password });
  const countedTry = (): never => assert.fail('no password is tried here');
  return { ...tenantAccess(stores, exchange), session, countedTry };
}
