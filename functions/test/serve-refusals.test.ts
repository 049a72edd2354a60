import Driver from 'better-sqlite3';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, serve, type Served } from './support/command.ts';

describe('serve when something is wrong', function () {
  this.timeout(60_000);
  let folder: string;
  const running: Served[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-refusals-'));
  });
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(args: readonly string[] = []): Promise<Served> {
    const served = await serve(['--data', folder, ...args]);
    running.push(served);
    return served;
  }

  /** What a failed start prints, which must be one line. */
  async function refusal(args: readonly string[], code: number): Promise<string> {
    const ended = await run('serve', args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, /^[^\n]+\n$/);
    assert.equal(ended.stdout, '');
    return ended.stderr;
  }

  it('warns when passwords would travel as plain text', async () => {
    const { child, ended } = await started(['--host', '0.0.0.0']);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    assert.equal(code, 0);
    assert.match(stderr, /^{"severity":"WARNING","message":"0\.0\.0\.0 .*plain text.*\n.*not stay signed in/);
  });

  it('warns when others could sign in to a demo, and says when there is nobody to sign in', async () => {
    const shared = await (await started(['--host', '0.0.0.0', '--demo'])).stop();
    assert.match(shared.stderr, /^{"severity":"WARNING","message":"Other machines can reach this demo, .*demo\.json/m);
    const empty = await (await started(['--data', join(folder, 'empty')])).stop();
    assert.match(
      empty.stderr,
      /^{"severity":"WARNING","message":"No tenant yet: npm run admin -- create-tenant --help"[^\n]*\n$/,
    );
  });

  it('says in one line why it cannot start', async () => {
    const { url } = await started();
    const { port } = new URL(url);
    assert.match(await refusal(['--data', folder, '--port', port], 1), /in use.*--port/);
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    assert.match(await refusal(['--data', join(file, 'below')], 1), /Cannot use .*below/);
    assert.match(await refusal(['--data', '/proc/below'], 1), /Cannot use \/proc\/below/);
    assert.match(await refusal(['--data', folder, '--port', 'x'], 2), /--port must be a whole number/);
    assert.match(await refusal(['--data', folder, '--frob'], 2), /Unknown option '--frob'.*--help/);
    assert.match(await refusal(['--data', folder, '--tls-cert', file], 2), /belong together/);
    assert.match(await refusal(['--data', folder, '--tls-cert', file, '--tls-key', `${file}.no`], 1), /cannot be read/);
    assert.match(await refusal(['--data', folder, '--tls-cert', file, '--tls-key', file], 1), /PEM pair/);
  });

  it('leaves data of a newer release alone', async () => {
    await (await started()).stop();
    const db = new Driver(join(folder, 'bas.sqlite'));
    db.exec("INSERT INTO schema_migrations VALUES (9999, 'from the future')");
    db.close();
    assert.match(await refusal(['--data', folder, '--port', '0'], 1), /newer release.*9999/);
  });

  it('will not make a demo of tenants that are not its own', async () => {
    await (await started(['--demo'])).stop();
    rmSync(join(folder, 'demo.json'));
    assert.match(await refusal(['--data', folder, '--port', '0', '--demo'], 1), /acme exists.*without --demo/);
  });

  it('explains itself', async () => {
    const { code, stdout } = await run('serve', ['--help']);
    assert.equal(code, 0);
    for (const option of ['--port', '--host', '--data', '--demo', '--tls-cert', '--tls-key']) {
      assert.ok(stdout.includes(option), option);
    }
  });
});
