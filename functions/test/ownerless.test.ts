/** What is stored in nobody's name, by an old release or by hand: no tenant sees it, and nobody gets in by it. */
import assert from 'node:assert/strict';
import Driver from 'better-sqlite3';
import { MINUTE_MS } from '@bas/core/clock';
import type { HomeConfig } from '@bas/core/config';
import { sha256 } from '@bas/core/ids';
import { connectWitness } from '@bas/core/stores/firestore/harness';
import { doors as catalogue } from '../src/doors.ts';
import { RememberingPasswords } from './support/passwords.ts';
import type { SeededDevice, SeededUser } from './support/seed.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';
import { postPoints } from './support/telemetry.ts';

const TABLES = ['devices', 'telemetry', 'users', 'audit_log'] as const;
/** Columns that are keys by themselves, so that a copy of the row needs another. */
const OWN_KEYS: Readonly<Record<string, string>> = { users: 'user_id', audit_log: 'event_id' };
/** As a header could name them. */
const NAMES = ['', '0', 'null', 'undefined', ' '];

/** A copy of each of `acme`'s rows in nobody's name, and a session and a key that lose their tenant. */
async function disown(home: HomeConfig, token: string, key_id: string): Promise<number> {
  return home.kind === 'sqlite' ? disownRows(home.file, token, key_id) : disownDocuments(home, token, key_id);
}

function disownRows(file: string, token: string, key_id: string): number {
  const database = new Driver(file);
  let copied = 0;
  for (const table of TABLES) {
    const columns = database.pragma(`table_info(${table})`) as { name: string }[];
    const values = (owner: string) =>
      columns.map(({ name }) =>
        name === 'tenant_id' ? owner : name === OWN_KEYS[table] ? `${name} || '-' || ${owner}` : name,
      );
    const copy = (owner: string) =>
      database.prepare(`INSERT INTO ${table} SELECT ${values(owner).join()} FROM ${table} WHERE tenant_id = 'acme'`);
    assert.throws(() => copy('NULL').run(), /NOT NULL/, table);
    for (const owner of ["''", '0', "'null'"]) copied += copy(owner).run().changes;
  }
  database.prepare("UPDATE sessions SET tenant_id = '' WHERE token_sha256 = ?").run(sha256(token));
  database.prepare("UPDATE device_keys SET tenant_id = '' WHERE key_id = ?").run(key_id);
  database.close();
  return copied;
}

async function disownDocuments(home: HomeConfig, token: string, key_id: string): Promise<number> {
  assert(home.kind === 'firestore');
  const firestore = connectWitness(home.project_id);
  let copied = 0;
  for (const table of TABLES) {
    const { docs } = await firestore.collection(table).where('tenant_id', '==', 'acme').get();
    for (const [at, document] of docs.entries()) {
      for (const tenant_id of [null, 0, '', 'null']) {
        const id = `${String(tenant_id)}~${String(at)}`;
        await firestore
          .collection(table)
          .doc(id)
          .set({ ...document.data(), tenant_id });
        copied += 1;
      }
    }
  }
  await firestore.collection('sessions').doc(sha256(token)).update({ tenant_id: null });
  await firestore.collection('device_keys').doc(key_id).update({ tenant_id: null });
  await firestore.terminate();
  return copied;
}

for (const store of STORES) {
  describe(`what is nobody's on ${store}`, function () {
    this.timeout(30_000);
    let server: TestServer;
    let user: SeededUser;
    let admin: Browser;
    let other: Browser;
    let device: SeededDevice;
    let lost: SeededDevice;
    const point = { timestamp_ms: Date.UTC(2025, 2, 3, 8, 59, 59), metrics: { t: 1 } };

    before(async () => {
      const doors = await Promise.all(Object.values(catalogue).map(async (load) => (await load()).default));
      const parts = { passwords: new RememberingPasswords() };
      server = await startServer({ store, doors, parts, config: { read_cache: 'none' } });
      await server.seed.tenant('acme');
      user = await server.seed.user({ tenant_id: 'acme', role: 'admin' });
      admin = await server.signIn(user);
      other = await server.signIn(user);
      device = await server.seed.device({ tenant_id: 'acme' });
      lost = await server.seed.device({ tenant_id: 'acme' });
      assert.equal((await postPoints(server.device(device), device.device_id, [point])).status, 200);
    });
    after(() => server.close());

    const views = async (): Promise<readonly string[]> => {
      const recent = `/v1/telemetry/recent?device_id=${device.device_id}`;
      const paths = ['/v1/devices', '/v1/users', '/v1/audit', '/v1/telemetry/latest', recent];
      const answers = await Promise.all(paths.map((path) => admin.get(path)));
      for (const { status, text } of answers) assert.equal(status, 200, text);
      // Left out: how old a point is by now, and the keys of devices, one of which is taken away.
      return answers.map(({ text }) => text.replaceAll(/"age_ms":\d+|"keys":\[[^\]]*\]/g, ''));
    };

    it('shows nowhere, cannot be named, and lets nobody in', async () => {
      const [, key_id = ''] = /^bas_([0-9a-f]+)_/.exec(lost.key) ?? [];
      const before = await views();
      // The reads of another minute: its budget is used up by looking without memory.
      server.clock.advance(MINUTE_MS);
      assert.ok((await disown(server.suite.config.home, other.token, key_id)) >= 3 * TABLES.length);
      assert.deepEqual(await views(), before);
      const { username, password } = user;
      for (const name of NAMES) {
        const named = { 'x-bas-tenant': name };
        assert.equal((await admin.get('/v1/devices', { headers: named })).code, 'tenant_mismatch', name);
        const login = await server.client.send('POST', '/v1/login', { headers: named, json: { username, password } });
        assert.ok(login.status === 401 || login.status === 403, `${name}: ${String(login.status)}`);
        for (const caller of [other, server.device(lost)]) {
          const json = { device_id: lost.device_id, points: [point] };
          const answer = await caller.send('POST', '/v1/telemetry', { headers: named, json });
          assert.ok(answer.status >= 400, `${name}: ${answer.text}`);
          assert.ok(!/stack|node_modules/.test(answer.text));
        }
      }
      assert.ok((await other.get('/v1/session')).status >= 400);
      assert.ok((await postPoints(server.device(lost), lost.device_id, [point])).status >= 400);
    });
  });
}
