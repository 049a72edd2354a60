import assert from 'node:assert/strict';
import * as z from 'zod';
import { RememberingPasswords } from '../support/passwords.ts';
import { DEFAULT_PASSWORD } from '../support/seed.ts';
import type { Browser, StoreName } from '../support/server.ts';
import { serverFor } from './doors.ts';

const UserShape = z.strictObject({
  user_id: z.uuid(),
  username: z.string(),
  role: z.string(),
  disabled: z.boolean(),
  created_ms: z.int(),
});
const Listed = z.strictObject({ users: z.array(UserShape), next_cursor: z.string().nullable() });

/** What an administrator does with the users of the tenant, and must not be able to do. */
export function userCases(store: StoreName): void {
  describe('an administrator', () => {
    const server = serverFor({ store, parts: { passwords: new RememberingPasswords() } });
    const password = DEFAULT_PASSWORD;
    const adminOf = async (tenant_id: string): Promise<Browser & { user_id: string }> => {
      const user = await server().seed.user({ tenant_id, role: 'admin' });
      return Object.assign(await server().signIn(user), { user_id: user.user_id });
    };

    it('creates users who can sign in, and lists them without a hash', async () => {
      const admin = await adminOf('acme');
      const created = await admin.post('/v1/users', { username: 'New.User', password, role: 'operator' });
      assert.equal(created.status, 201, created.text);
      const user = UserShape.parse(created.json());
      assert.deepEqual([user.username, user.role, user.disabled], ['new.user', 'operator', false]);
      const again = await admin.post('/v1/users', { username: 'NEW.user', password, role: 'viewer' });
      assert.equal(again.code, 'already_exists');
      await server().signIn({ tenant_id: 'acme', ...user, role: 'operator', password });
      const first = Listed.parse((await admin.get('/v1/users?limit=1')).json());
      const rest = Listed.parse((await admin.get(`/v1/users?limit=1&cursor=${first.next_cursor ?? ''}`)).json());
      const all = Listed.parse((await admin.get('/v1/users')).json());
      assert.deepEqual([...first.users, ...rest.users], all.users.slice(0, 2));
      const told = await server().seed.auditOf('acme', 'user.create');
      const own = told.find(({ target }) => target === user.user_id);
      assert.deepEqual([own?.outcome, own?.user_id], ['success', admin.user_id]);
    });

    it('cannot set what is not a user’s to have', async () => {
      const admin = await adminOf('acme');
      const body = { username: 'mass', password, role: 'viewer' };
      const bad = [
        { ...body, tenant_id: 'globex' },
        { ...body, algo_params: {} },
        { ...body, user_id: admin.user_id },
        { ...body, role: 'root' },
        { ...body, password: 'short' },
        { ...body, username: 'a/b' },
      ];
      for (const json of bad) assert.equal((await admin.post('/v1/users', json)).code, 'malformed_request');
      const patches = [{}, { password }, { username: 'x' }, { disabled: 'yes' }, { role: null }];
      for (const json of patches) assert.equal((await admin.patch(`/v1/users/${admin.user_id}`, json)).status, 400);
    });

    it('ends the sessions of a user by changing the role or disabling them', async () => {
      const admin = await adminOf('acme');
      const user = await server().seed.user({ tenant_id: 'acme' });
      const path = `/v1/users/${user.user_id}`;
      for (const patch of [{ role: 'operator' }, { disabled: true }]) {
        const browser = await server().signIn(user);
        const unchanged = await admin.patch(path, { disabled: false });
        assert.equal(unchanged.status, 200);
        assert.equal((await browser.get('/v1/session')).status, 200, 'nothing changed, so nothing ends');
        const answer = await admin.patch(path, patch);
        assert.deepEqual(UserShape.parse(answer.json()), { ...UserShape.parse(unchanged.json()), ...patch });
        assert.equal((await browser.get('/v1/session')).status, 401);
      }
      await assert.rejects(server().signIn(user), /invalid_credentials/);
      await admin.patch(path, { disabled: false });
      await server().signIn(user);
      const told = await server().seed.auditOf('acme', 'user.update');
      assert.deepEqual(new Set(told.map(({ target }) => target)), new Set([user.user_id]));
      assert.equal(told.length, 3);
    });

    it('cannot reach the users of another tenant', async () => {
      const admin = await adminOf('acme');
      const foreign = await server().seed.user({ tenant_id: 'globex' });
      for (const id of [foreign.user_id, '00000000-0000-4000-8000-000000000000', 'a%2Fb', '..']) {
        assert.equal((await admin.patch(`/v1/users/${id}`, { disabled: true })).code, 'not_found');
      }
      await server().signIn(foreign);
    });

    it('is asked for: other roles are refused, before their request is read', async () => {
      for (const role of ['viewer', 'operator'] as const) {
        const browser = await server().signIn(await server().seed.user({ tenant_id: 'acme', role }));
        const answers = [await browser.get('/v1/users?what=ever'), await browser.post('/v1/users', { broken: true })];
        assert.deepEqual(
          answers.map(({ code }) => code),
          ['role_required', 'role_required'],
        );
      }
      const [told] = await server().seed.auditOf('acme', 'access.refused');
      assert.deepEqual([told?.detail, told?.outcome], ['role_required', 'refused']);
    });

    it('cannot lock out the last of them, not even two at once', async () => {
      const { seed } = server();
      await seed.tenant('initech');
      const [one, two] = [await adminOf('initech'), await adminOf('initech')];
      const answers = await Promise.all([
        one.patch(`/v1/users/${two.user_id}`, { role: 'viewer' }),
        two.patch(`/v1/users/${one.user_id}`, { disabled: true }),
      ]);
      const [won, lost] = answers.map(({ status }) => status).sort();
      assert.equal(won, 200);
      assert.ok(lost === 401 || lost === 409, `the other was answered ${String(lost)}`);
      const left = await (await seed.stores()).forTenant('initech').users.list({ limit: 10 });
      const [last, ...others] = left.filter(({ role, disabled }) => role === 'admin' && !disabled);
      assert.deepEqual(others, []);
      const survivor = last?.user_id === one.user_id ? one : two;
      const self = await survivor.patch(`/v1/users/${survivor.user_id}`, { role: 'viewer' });
      assert.equal(self.code, 'precondition_failed');
      assert.equal((await survivor.get('/v1/users')).status, 200);
    });

    it('is not a platform administrator, and only one of those makes another', async () => {
      const { seed, signIn } = server();
      await seed.tenant('system');
      const platform = await signIn(await seed.user({ tenant_id: 'system', role: 'platform_admin' }));
      const json = { username: 'root', password, role: 'platform_admin' };
      for (const tenant_id of ['acme', 'system']) {
        const admin = await adminOf(tenant_id);
        assert.equal((await admin.post('/v1/users', json)).code, 'role_required');
        const own = await admin.patch(`/v1/users/${admin.user_id}`, { role: 'platform_admin' });
        assert.equal(own.code, 'role_required');
      }
      const created = await platform.post('/v1/users', json);
      const { user_id } = UserShape.parse(created.json());
      const admin = await adminOf('system');
      for (const patch of [{ disabled: true }, { role: 'viewer' }]) {
        assert.equal((await admin.patch(`/v1/users/${user_id}`, patch)).code, 'role_required');
      }
      assert.equal((await platform.patch(`/v1/users/${user_id}`, { disabled: true })).status, 200);
    });
  });
}
