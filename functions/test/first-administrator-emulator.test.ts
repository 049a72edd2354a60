/** The first administrator from `.secret.local`, in the Functions emulator, and how those secrets are changed. */
import assert from 'node:assert/strict';
import { createPasswords } from '@bas/core/passwords/passwords';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCheckout, type Checkout } from './support/checkout.ts';
import { HttpClient, type Answer } from './support/client.ts';
import { Terminal } from './support/terminal.ts';

const START_MS = 120_000;

describe('the first administrator in the emulator', function () {
  this.timeout(2 * START_MS);
  let checkout: Checkout;
  let terminal: Terminal | undefined;

  before(async () => {
    checkout = await makeCheckout();
    mkdirSync(join(checkout.folder, 'data/demo'), { recursive: true });
  });
  afterEach(async () => {
    await terminal?.end();
    terminal = undefined;
  });
  after(() => checkout.remove());

  /** Emulators with these secrets, for one try to sign in with each password. */
  async function tries(
    secrets: { username: string; password: string },
    passwords: readonly string[],
  ): Promise<Answer[]> {
    const { password_hash } = await createPasswords().hash(secrets.password);
    const lines = `AUTH_ADMIN_USERNAME=${secrets.username}\nAUTH_ADMIN_PASSWORD_HASH='${password_hash}'\n`;
    writeFileSync(join(checkout.folder, 'functions/.secret.local'), lines);
    await checkout.movePorts();
    const command = ['npx', 'firebase', 'emulators:start', '--only', 'functions,hosting'] as const;
    terminal = new Terminal(checkout.folder, command);
    await terminal.until('All emulators ready', START_MS);
    const client = new HttpClient(checkout.hostingUrl);
    const headers = { 'x-bas-tenant': 'system', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
    const answers: Answer[] = [];
    for (const password of passwords) {
      answers.push(await client.send('POST', '/v1/login', { headers, json: { username: 'root', password } }));
    }
    client.close();
    assert.ok(!terminal.printed.includes(password_hash), 'a secret is not printed');
    return answers;
  }

  it('signs in with what .secret.local names', async () => {
    const [wrong, right] = await tries({ username: 'root', password: 'the very first password' }, [
      'not the first password',
      'the very first password',
    ]);
    assert.equal(wrong?.code, 'invalid_credentials');
    assert.deepEqual([right?.status, right?.member('tenant_id')], [200, 'system']);
    assert.match(readFileSync(join(checkout.folder, '.gitignore'), 'utf8'), /^\*\.local$/m);
  });

  it('keeps the stored password when the secrets are rotated', async () => {
    const rotated = { username: 'root', password: 'a password that came later' };
    const [old, later] = await tries(rotated, ['the very first password', 'a password that came later']);
    assert.deepEqual([old?.status, later?.code], [200, 'invalid_credentials']);
  });
});
