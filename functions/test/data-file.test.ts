/** What the commands do with a --data in which something else is where their file should be. */
import Driver from 'better-sqlite3';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, start, type Finished } from './support/command.ts';

const LIMIT_MS = 15_000;

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'cutover status': ['cutover', 'status'],
  'admin list': ['admin', 'list'],
  'admin create-tenant': ['admin', 'create-tenant', '--tenant', 'acme'],
  'migrate telemetry': ['migrate', 'telemetry', '--to', 'sqlite'],
  serve: ['serve', '--port', '0'],
};

describe('a data folder in which something else has the place of the data file', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-foreign-'));
    file = join(folder, 'bas.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Ends what hangs, so that a test fails by it and does not hang too. */
  async function bounded([name = '', ...args]: readonly string[]): Promise<Finished> {
    const child = start(name, [...args, '--data', folder], { GCP_PROJECT_ID: 'demo-nowhere' });
    const hung = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const ended = await finished(child);
    clearTimeout(hung);
    return ended;
  }

  async function refusedByAll(reason: RegExp): Promise<void> {
    const legacy = join(folder, 'legacy.db');
    new Driver(legacy).exec('CREATE TABLE readings (at INT)').close();
    for (const [name, words] of Object.entries(COMMANDS)) {
      const args = words[0] === 'migrate' ? [...words, '--from', legacy, '--tenant', 'acme'] : words;
      const { code, stdout, stderr } = await bounded(args);
      assert.deepEqual([code, stdout], [1, ''], `${name}: ${stderr}`);
      assert.match(stderr, reason, name);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
  }

  it('is refused when that is a pipe, at once', async () => {
    execFileSync('mkfifo', [file]);
    await refusedByAll(/^Cannot use .*bas\.sqlite as the data file: it is no ordinary file\n$/);
  });

  it('is refused when that is a folder', async () => {
    mkdirSync(file);
    await refusedByAll(/^Cannot use .*bas\.sqlite as the data file: it is a folder\n$/);
  });

  for (const [mode, left] of [
    ['DELETE', []],
    ['WAL', []],
    ['WAL', ['-wal', '-shm']],
  ] as const) {
    const how = `${mode}${left.length === 0 ? '' : ', left by a killed process'}`;
    it(`is refused when that is somebody else's SQLite file, which stays as it was (${how})`, async () => {
      const made = join(folder, 'made');
      const db = new Driver(left.length === 0 ? file : made);
      db.pragma(`journal_mode = ${mode}`);
      db.exec("CREATE TABLE schema_migrations (version TEXT); INSERT INTO schema_migrations VALUES ('20260101');");
      if (left.length > 0) for (const end of ['', ...left]) copyFileSync(`${made}${end}`, `${file}${end}`);
      db.close();
      rmSync(made, { force: true });
      const digest = (end: string) =>
        createHash('sha256')
          .update(readFileSync(`${file}${end}`))
          .digest('hex');
      const before = ['', ...left.slice(0, 1)].map(digest);
      await refusedByAll(/^Cannot use .*bas\.sqlite as the data file: something else keeps its data in it\n$/);
      assert.deepEqual(['', ...left.slice(0, 1)].map(digest), before);
      const names = ['', ...left].map((end) => `bas.sqlite${end}`);
      assert.deepEqual(readdirSync(folder).sort(), [...names, 'legacy.db'].sort());
    });
  }

  it('has a demo.json that is read only when it is a file', async () => {
    execFileSync('mkfifo', [join(folder, 'demo.json')]);
    for (const words of [
      ['serve', '--port', '0', '--demo'],
      ['replay', '--csv', 'x.csv', '--device', 'ahu-1'],
    ]) {
      const { code, stderr } = await bounded(words);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^.*demo\.json cannot be read: it is no ordinary file\.\n$/);
    }
  });
});
