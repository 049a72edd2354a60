import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { finished, rootDir, run, type Finished } from './support/command.ts';
import { contentsOf, makeLegacy, type Contents, type Target } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';

interface Seen {
  readonly users: { readonly roles: object };
  readonly audit: { readonly actions: object };
}

describe('migrate refuses', function () {
  this.timeout(30_000);
  let place: MigrationPlace;
  let folder: string;
  let legacy: string;
  let to: Target;
  let before_all: Contents;

  beforeEach(async () => {
    place = new MigrationPlace();
    ({ folder, legacy } = place);
    makeLegacy(legacy, { users: 2, events: 2, devices: 1, points_per_device: 5, newest_ms: Date.now() - 60_000 });
    to = await place.target('sqlite');
    before_all = await contentsOf(to.home);
  });
  afterEach(() => place.remove());

  const migrate = (words: readonly string[]): Promise<Finished> => run('migrate', words, { env: to.env });
  const where = (): string[] => ['--to', 'sqlite', '--data', to.folder];
  const usual = (verb: string, from = legacy): string[] => [verb, '--from', from, ...where()];

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

  it('rows whose values are names of JavaScript, no moment, or longer than a commit takes, and takes the others', async () => {
    const db = new Database(legacy);
    const user = db.prepare('INSERT INTO users SELECT ?, ?, password_hash, ?, ? FROM users WHERE id = 1');
    user.run(10, 'proto', '__proto__', '2024-01-05');
    user.run(11, 'ctor', 'constructor', '2024-01-05');
    user.run(12, 'late', 'viewer', 9e15);
    user.run(13, 'later', 'viewer', 1e300);
    const event = db.prepare(
      "INSERT INTO audit_log SELECT ?, timestamp_ms, user_id, ?, ?, ?, '' FROM audit_log WHERE id = 1",
    );
    event.run(10, '__proto__', '', '');
    event.run(11, 'constructor', '', '');
    event.run(12, 'long', 'd'.repeat(40_000), 'i'.repeat(40_000));
    db.close();
    const seen = await migrate(['inspect', '--from', legacy, '--tenant', 'acme', '--json']);
    const { users, audit } = JSON.parse(seen.stdout) as Seen;
    const roles = { admin: 1, operator: 1, viewer: 2, constructor: 1 };
    assert.deepEqual(new Map(Object.entries(users.roles)), new Map(Object.entries(roles)).set('__proto__', 1));
    assert.deepEqual(Object.keys(audit.actions).sort(), ['__proto__', 'constructor', 'login', 'logout', 'long']);
    const people = await migrate([...usual('users'), '--tenant', 'acme']);
    assert.equal(people.code, 1, people.stderr);
    assert.match(people.stdout, /stored 2,.*\n {2}refused, role "__proto__" is not mapped: 1\n/);
    assert.match(people.stdout, /role "constructor" is not mapped: 1\n(.*\n)*.*created_at is no moment: 2\n/);
    const events = await migrate([...usual('audit'), '--tenant', 'acme']);
    assert.match(events.stdout, /stored 4,.*\n {2}refused, its texts are too long: 1\n/);
  });

  it('to send what a file says to the terminal as it is', async () => {
    const evil = '\u001b]0;title\u0007\u009b2J\n\u202e';
    const db = new Database(legacy);
    db.prepare('INSERT INTO users SELECT 10, ?, password_hash, role, created_at FROM users WHERE id = 1').run(evil);
    db.exec(`ALTER TABLE users ADD COLUMN "${evil}"; DROP TABLE audit_log; CREATE TABLE "${evil}" (id)`);
    db.prepare('UPDATE users SET role = ? WHERE id = 2').run(evil);
    db.close();
    for (const ended of [
      await migrate(['inspect', '--from', legacy, '--tenant', 'acme']),
      await migrate([...usual('audit'), '--tenant', 'acme']),
    ]) {
      assert.equal(ended.code, 1);
      assert.match(ended.stdout + ended.stderr, /\\u001b\]0;title\\u0007\\u009b2J\\u000a\\u202e/);
      assert.doesNotMatch(ended.stdout + ended.stderr, /[^\P{Cc}\n]|\u202e/u);
    }
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
    assert.match(line, /^Cannot use .*bas\.sqlite as the data file: (database or disk is full|disk I\/O error): .+$/);
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
