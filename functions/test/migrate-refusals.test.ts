import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { finished, rootDir, run, type Finished } from './support/command.ts';
import { contentsOf, makeLegacy, openTarget, type Contents, type Target } from './support/legacy.ts';

describe('migrate refuses', function () {
  this.timeout(30_000);
  let folder: string;
  let legacy: string;
  let to: Target;
  let before_all: Contents;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-migrate-no-'));
    legacy = join(folder, 'legacy.sqlite');
    makeLegacy(legacy, { users: 2, events: 2, devices: 1, points_per_device: 5, newest_ms: Date.now() - 60_000 });
    const data = join(folder, 'data');
    mkdirSync(data);
    to = await openTarget('sqlite', data);
    before_all = await contentsOf(to.home);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const migrate = (words: readonly string[]): Promise<Finished> => run('migrate', words, { env: to.env });
  const usual = (verb: string, from = legacy): string[] => [
    verb,
    '--from',
    from,
    '--to',
    'sqlite',
    '--data',
    to.folder,
  ];

  async function refused(words: readonly string[], reason: RegExp, code = 1): Promise<void> {
    const ended = await migrate(words);
    assert.deepEqual([ended.code, ended.stdout], [code, ''], `${words.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, /^[^\n]+\n$/);
    assert.match(ended.stderr, reason);
    assert.deepEqual(await contentsOf(to.home), before_all);
    const files = readdirSync(to.folder).filter((name) => !/^bas\.sqlite(-wal|-shm)?$/.test(name));
    assert.deepEqual(files, []);
  }

  it('a file that is missing, no SQLite, or lacks what the mapping names', async () => {
    await refused(
      [...usual('users', join(folder, 'none')), '--tenant', 'acme'],
      /There is no file .*none: check --from/,
    );
    const text = join(folder, 'text.txt');
    writeFileSync(text, 'id,username\n'.repeat(1_000));
    await refused([...usual('telemetry', text), '--tenant', 'acme'], /text\.txt is not an SQLite file/);
    const db = new Database(legacy);
    db.exec('ALTER TABLE users DROP COLUMN role; DROP TABLE audit_log');
    db.close();
    await refused([...usual('users'), '--tenant', 'acme'], /The table users of .* has no column role .*--map/);
    await refused([...usual('audit'), '--tenant', 'acme'], /has no table audit_log.* It has telemetry, users/);
    const map = join(folder, 'map.json');
    writeFileSync(map, JSON.stringify({ telemetry: { device_id: 'unit' } }));
    await refused([...usual('telemetry'), '--tenant', 'acme', '--map', map], /has no column unit/);
    writeFileSync(map, JSON.stringify({ telemetry: { devize: 'unit' } }));
    await refused([...usual('telemetry'), '--tenant', 'acme', '--map', map], /map\.json is not a mapping: .*devize/);
  });

  it('a tenant that is not there, or was not said', async () => {
    await refused([...usual('users'), '--tenant', 'nowhere'], /There is no tenant nowhere: create it first/);
    await refused(usual('users'), /no column for the tenant: name it with --tenant/);
  });

  it('a file that another process holds', async () => {
    const db = new Database(legacy);
    db.exec('BEGIN EXCLUSIVE');
    await refused([...usual('telemetry'), '--tenant', 'acme'], /legacy\.sqlite is locked by another process/);
    db.close();
  });

  it('wrong use, with exit 2', async () => {
    await refused(
      [...usual('audit'), '--tenant', 'acme', '--days', '31'],
      /--days must be a whole number from 7 to 30/,
      2,
    );
    await refused(
      [...usual('telemetry'), '--tenant', 'acme', '--days', '7', '--from-ms', '1'],
      /exclude each other/,
      2,
    );
    await refused(['users', '--from', legacy, '--data', to.folder], /--to is missing/, 2);
    await refused(
      ['users', '--from', legacy, '--to', 'mysql', '--data', to.folder],
      /--to must be sqlite or firestore/,
      2,
    );
    await refused([...usual('users'), '--days', '7'], /Unknown option '--days'/, 2);
    await refused(['people'], /people is no verb/, 2);
  });

  it('a data folder that holds nothing: a typing error must not become a box', async () => {
    const words = ['users', '--from', legacy, '--to', 'sqlite', '--data', join(folder, 'other'), '--tenant', 'acme'];
    await refused(words, /There is no .*other.*check --data/);
    assert.ok(!readdirSync(folder).includes('other'));
  });

  it('a disk that takes no more, and goes on from there when there is room', async () => {
    const big = join(folder, 'big.sqlite');
    makeLegacy(big, { devices: 1, points_per_device: 20_000, interval_ms: 10_000, newest_ms: Date.now() - 60_000 });
    const words = [...usual('telemetry', big), '--tenant', 'acme'];
    // No file may grow past this, in half kilobytes: what the box had fits, and some of the points.
    const limit = Math.ceil(statSync(join(to.folder, 'bas.sqlite')).size / 512) + 1_000;
    const script = join(rootDir, 'scripts', 'migrate.ts');
    const shell = `trap '' XFSZ; ulimit -f ${limit}; exec "$0" "$@"`;
    const ended = await finished(spawn('sh', ['-c', shell, process.execPath, script, ...words], { cwd: rootDir }));
    assert.deepEqual([ended.code, ended.stdout], [1, '']);
    const [line = ''] = ended.stderr.split('\n').filter((text) => !/rows, (migrating|verifying)/.test(text));
    assert.match(line, /^Cannot use .*bas\.sqlite as the data file: (database or disk is full|disk I\/O error)$/);
    const stored = (await contentsOf(to.home))['telemetry']?.length ?? 0;
    assert.ok(stored < 20_000, `${stored} points`);
    const resumed = await migrate([...words, '--resume']);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal((await contentsOf(to.home))['telemetry']?.length, 20_000);
  });

  it('to resume another run, or after the file changed', async () => {
    const db = new Database(`${to.folder}/bas.sqlite`);
    db.exec(`CREATE TRIGGER no_room BEFORE INSERT ON telemetry BEGIN SELECT RAISE(ABORT, 'full'); END`);
    await migrate([...usual('telemetry'), '--tenant', 'acme', '--from-ms', '0']);
    db.exec('DROP TRIGGER no_room');
    db.close();
    const other = await migrate([...usual('telemetry'), '--tenant', 'acme', '--from-ms', '1', '--resume']);
    assert.match(other.stderr, /The run to resume was another/);
    const source = new Database(legacy);
    source.exec("INSERT INTO telemetry (device_id, timestamp_ms, metrics) VALUES ('x', 1, '{}')");
    source.close();
    const changed = await migrate([...usual('telemetry'), '--tenant', 'acme', '--from-ms', '0', '--resume']);
    assert.deepEqual([changed.code, other.code], [1, 1]);
    assert.match(changed.stderr, /has changed since: leave --resume out/);
  });

  it('never to leave the legacy file as it was, to the byte, in either journal mode', async () => {
    for (const mode of ['delete', 'wal']) {
      const db = new Database(legacy);
      db.pragma(`journal_mode = ${mode}`);
      db.close();
      const digest = (): string => createHash('sha256').update(readFileSync(legacy)).digest('hex');
      const before_it = digest();
      for (const verb of ['users', 'audit', 'telemetry']) await migrate([...usual(verb), '--tenant', 'acme']);
      const inspected = await migrate(['inspect', '--from', legacy, '--tenant', 'acme']);
      assert.equal(inspected.code, 0, inspected.stdout + inspected.stderr);
      assert.equal(digest(), before_it);
    }
  });
});
