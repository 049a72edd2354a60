/** What people and devices are answered while the store is away: soon, with a time to come back, and with no data. */
import Driver, { type Database } from 'better-sqlite3';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Passwords } from '@bas/core/passwords/passwords';
import login from '../src/https/login.ts';
import type { Answer } from './support/client.ts';
import type { Told } from './support/dead-home.worker.ts';
import { RememberingPasswords } from './support/passwords.ts';
import type { SeededUser } from './support/seed.ts';
import { startServer, type TestServer } from './support/server.ts';

/** How long one attempt waits for another process's lock (SQLite), or for a Firestore that refuses connections, and some slack. */
const SQLITE_WAIT_MS = 5_000;
const FIRESTORE_WAIT_MS = 1_000;
const SLACK_MS = 3_000;

describe('a box whose file another process has locked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bas-outage-'));
  const file = join(folder, 'bas.sqlite');
  const right = new RememberingPasswords();
  let whileChecked = (): void => undefined;
  let server: TestServer;
  let user: SeededUser;
  let other: Database;

  const passwords: Passwords = {
    hash: (password) => right.hash(password),
    verify: async (...tried) => {
      const verdict = await right.verify(...tried);
      whileChecked();
      return verdict;
    },
  };

  before(async () => {
    const home = { kind: 'sqlite', file } as const;
    server = await startServer({ store: 'sqlite', doors: [login], home, parts: { passwords } });
    await server.seed.tenant('acme');
    user = await server.seed.user({ tenant_id: 'acme' });
    other = new Driver(file);
  });
  after(async () => {
    other.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    whileChecked = () => undefined;
    if (other.inTransaction) other.exec('ROLLBACK');
  });

  const lock = (): void => void other.exec('BEGIN IMMEDIATE');

  async function refusedWithin(limit_ms: number): Promise<void> {
    const { tenant_id, username, password } = user;
    const started_ms = performance.now();
    const headers = { 'x-bas-tenant': tenant_id };
    const answer: Answer = await server.client.send('POST', '/v1/login', { headers, json: { username, password } });
    const took_ms = performance.now() - started_ms;
    assert.deepEqual([answer.status, answer.code], [503, 'store_unavailable']);
    assert.match(String(answer.headers['retry-after']), /^[1-9][0-9]*$/);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.ok(!answer.text.includes(user.user_id), answer.text);
    assert.ok(took_ms < limit_ms, `${String(took_ms)} ms`);
    assert.equal(other.prepare<[], { n: number }>('SELECT count(*) AS n FROM sessions').get()?.n, 0);
  }

  it('answers 503 to who signs in, opens nothing, and lets them in afterwards', async () => {
    lock();
    await refusedWithin(SQLITE_WAIT_MS + SLACK_MS);
    other.exec('ROLLBACK');
    await server.signIn(user);
    other.exec('DELETE FROM sessions');
  }).timeout(20_000);

  it('answers 503 when the lock comes while the password is checked', async () => {
    whileChecked = lock;
    // Once to open the session, and once to take the counted try back.
    await refusedWithin(2 * SQLITE_WAIT_MS + SLACK_MS);
    whileChecked = () => undefined;
    other.exec('ROLLBACK');
    await server.signIn(user);
  }).timeout(30_000);
});

describe('a server whose Firestore is not there', () => {
  it('answers 503 to sign-in, devices and dashboards, in time, and serves no data', async () => {
    const worker = join(import.meta.dirname, 'support/dead-home.worker.ts');
    const env = { ...process.env, FIRESTORE_EMULATOR_HOST: '' };
    const { stdout } = await promisify(execFile)(process.execPath, [worker], { env });
    const answers = JSON.parse(stdout) as Told[];
    assert.deepEqual(
      answers.map(({ name }) => name),
      ['login', 'ingest', 'recent'],
    );
    for (const { name, status, headers, body, took_ms } of answers) {
      assert.equal(status, 503, name);
      assert.match(String(headers['retry-after']), /^[1-9][0-9]*$/, name);
      assert.deepEqual([headers['set-cookie'], headers['etag']], [undefined, undefined], name);
      const members = Object.keys(body as object).sort();
      assert.deepEqual(members, ['code', 'detail', 'request_id', 'status', 'title', 'type'], name);
      const { code, detail } = body as { code: unknown; detail: unknown };
      assert.equal(code, 'store_unavailable', name);
      assert.equal(String(detail).includes('Sending the same points again is safe'), name === 'ingest', name);
      assert.ok(took_ms < FIRESTORE_WAIT_MS + SLACK_MS, `${name}: ${String(took_ms)} ms`);
    }
  }).timeout(40_000);
});
