import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { run } from './support/command.ts';
import { LEGACY_HASHES, makeLegacy, type Target } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';

const CURRENT = '$argon2id$v=19$m=65536,p=1,t=3$W8pEnv3lGdESgW3QVQ6Icg$En32UJRukTxTF56b/a4Uj42Pej62BQWSD2lDBGuuu1I';

describe('migrate, run before and after', function () {
  this.timeout(30_000);
  let place: MigrationPlace;
  let to: Target;

  beforeEach(async () => {
    place = new MigrationPlace();
    to = await place.target('sqlite');
  });
  afterEach(() => place.remove());

  it('foresees a name that is there twice, and takes the first', async () => {
    const twice = `INSERT INTO users VALUES (9, 'Person-0', '${LEGACY_HASHES.bcrypt}', 'viewer', NULL)`;
    makeLegacy(place.legacy, { users: 2, newest_ms: place.newest_ms }, twice);
    const refused = { 'username is that of an earlier row': { count: 1, examples: ['id 9'] } };
    const dry = await place.reported(to, 'users', ['--dry-run'], 1);
    assert.deepEqual([dry.refused, dry.verification.missing.count], [refused, 2]);
    const inspected = await run('migrate', ['inspect', '--from', place.legacy, '--tenant', 'acme']);
    assert.match(inspected.stdout, /would be refused, username is that of an earlier row: 1/);
    const done = await place.reported(to, 'users', [], 1);
    assert.deepEqual([done.refused, done.stored, done.conflicts.count], [refused, 2, 0]);
  });

  it('keeps a hash that was renewed since, and names one that was changed by nobody knows whom', async () => {
    makeLegacy(place.legacy, { users: 2, newest_ms: place.newest_ms });
    await place.reported(to, 'users');
    const box = new Database(`${to.folder}/bas.sqlite`);
    box.prepare("UPDATE users SET password_hash = ? WHERE username = 'person-0'").run(CURRENT);
    box.prepare("UPDATE users SET password_hash = ? WHERE username = 'person-1'").run(LEGACY_HASHES.bcrypt);
    box.close();
    const { verification, conflicts } = await place.reported(to, 'users', [], 1);
    assert.deepEqual(
      [verification.equal, verification.renewed, conflicts.examples],
      [1, 1, ['person-1 of acme: another password_hash is stored']],
    );
  });

  it('tells devices that it registered from those that were there', async () => {
    makeLegacy(place.legacy, { devices: 2, points_per_device: 3, newest_ms: place.newest_ms });
    const told = async (more: readonly string[] = []): Promise<string> => {
      const words = place.words(to, 'telemetry', ['--tenant', 'acme', ...more]).filter((word) => word !== '--json');
      return (await run('migrate', words, { env: to.env })).stdout;
    };
    assert.match(await told(['--dry-run']), /^ {2}2 devices, 2 to be registered$/m);
    assert.match(await told(), /^ {2}2 devices, 2 newly registered$/m);
    assert.match(await told(), /^ {2}2 devices, registered before$/m);
  });
});
