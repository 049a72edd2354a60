import assert from 'node:assert/strict';
import { dumpStore } from '../support/dump.ts';
import { RememberingPasswords } from '../support/passwords.ts';
import { DEFAULT_PASSWORD } from '../support/seed.ts';
import type { Browser, StoreName } from '../support/server.ts';
import { authDoors, serverFor } from './doors.ts';

const LISTED = 'https://bas.example';
const FORM = 'application/x-www-form-urlencoded';
const UNLISTED = [
  'https://evil.example',
  'null',
  `${LISTED}.evil.example`,
  `${LISTED}:8443`,
  'https://evil-bas.example',
  'https://sub.bas.example',
  'http://bas.example',
  LISTED.toUpperCase(),
  `${LISTED}, https://evil.example`,
];

/** What a page of another site can make a signed-in browser do: nothing. */
export function crossSiteCases(store: StoreName): void {
  describe('another site', () => {
    const config = { allowed_origins: [LISTED] };
    const server = serverFor({ store, config, parts: { passwords: new RememberingPasswords() } });
    let browser: Browser;
    before(async () => {
      browser = await server().signIn(await server().seed.user({ tenant_id: 'acme', role: 'admin' }));
    });
    const changes = authDoors.flatMap(({ routes }) => routes.filter(({ method }) => method !== 'GET'));
    const usersOf = async () => (await browser.get('/v1/users')).text;

    for (const { method, path } of changes) {
      it(`cannot ${method} ${path} by a form, nor without the header that no form can send`, async () => {
        const at = path.replace(/\{\w+\}/, '00000000-0000-4000-8000-000000000000');
        const before = await usersOf();
        const { cookie = '', 'user-agent': agent = '' } = browser.headers;
        const sent = { cookie, 'user-agent': agent, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
        for (const type of [FORM, 'multipart/form-data; boundary=x', 'text/plain', 'application/json']) {
          const body = '{"username":"planted","password":"a long enough password","role":"admin"}';
          const answer = await server().client.send(method, at, { headers: { ...sent, 'content-type': type }, body });
          assert.deepEqual([answer.status, answer.code], [403, 'tenant_mismatch'], type);
          assert.equal(answer.headers['access-control-allow-origin'], undefined);
          assert.equal(answer.headers['set-cookie'], undefined);
        }
        assert.equal(await usersOf(), before);
        assert.equal((await browser.get('/v1/session')).status, 200);
      });
    }

    it('cannot change anything by a body that a form could send, with every header right', async () => {
      const body = JSON.stringify({ username: 'planted', password: DEFAULT_PASSWORD, role: 'admin' });
      for (const type of [FORM, 'text/plain', 'text/plain;application/json', 'application/jsonp', '']) {
        const headers = { ...browser.headers, 'content-type': type };
        assert.equal((await server().client.send('POST', '/v1/users', { headers, body })).status, 415, type);
      }
      assert.ok(!(await dumpStore(server().suite.config.home)).includes('planted'));
    });

    it('reads no answer: only a listed origin is told that it may, and never every origin', async () => {
      for (const origin of UNLISTED) {
        const answer = await browser.get('/v1/session', { headers: { origin } });
        assert.equal(answer.headers['access-control-allow-origin'], undefined, origin);
        assert.equal(answer.headers['access-control-allow-credentials'], undefined, origin);
        const asked = {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-bas-tenant',
        };
        assert.equal((await server().client.send('OPTIONS', '/v1/users', { headers: asked })).status, 405, origin);
      }
      const told = await browser.get('/v1/session', { headers: { origin: LISTED } });
      assert.equal(told.headers['access-control-allow-origin'], LISTED);
      assert.match(told.headers.vary ?? '', /\bOrigin\b/);
    });
  });
}
