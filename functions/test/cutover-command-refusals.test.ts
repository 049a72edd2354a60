import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './support/command.ts';
import { OperatedBox } from './support/operated-box.ts';

const NOWHERE = '127.0.0.1:1';

describe('the cutover by its command line, when something is wrong', function () {
  this.timeout(120_000);
  let box: OperatedBox;

  beforeEach(() => {
    box = new OperatedBox();
  });
  afterEach(() => box.close());

  it('tells every reason on a line of its own, and changes nothing', async () => {
    await (await box.serve(['--demo'])).stop();
    const before = await box.standing();
    const noGate = /^Firestore emulator at .* say --emulator\.$/;
    const order = 'telemetry is on sqlite: the order is telemetry, audit, auth.';
    const [first, second, ...more] = await box.refused('advance audit');
    assert.deepEqual([first, more], [order, []]);
    assert.match(second ?? '', noGate);
    assert.deepEqual(await box.refused('advance auth --emulator'), [
      'audit is on sqlite: the order is telemetry, audit, auth.',
    ]);
    assert.match((await box.refused('advance telemetry')).join('\n'), noGate);
    assert.match((await box.refused('compare', 3)).join('\n'), /^Nothing is delivered yet: .*advance telemetry/);
    assert.deepEqual(await box.refused(['rollback', 'audit', '--reason', 'x']), ['audit is on sqlite already.']);
    assert.equal((await box.refused('finalize --yes')).length, 3);
    assert.deepEqual((await box.standing()).flags, before.flags);

    await box.done('advance telemetry --emulator');
    assert.deepEqual(await box.refused('advance telemetry --emulator'), [
      'No point has been compared yet: post some, and let compare see them.',
    ]);
  });

  it('tells wrong use in one line, and does nothing', async () => {
    await (await box.serve(['--demo'])).stop();
    const before = await box.standing();
    const wrong: [string | string[], RegExp][] = [
      ['frob', /^frob is no verb: use status, advance, /],
      ['advance', /^CONCERN is missing: one of telemetry, audit, auth\. See .*--help/],
      ['advance users', /^CONCERN must be one of telemetry, audit, auth, not 'users'/],
      ['advance telemetry audit', /^Unexpected argument 'audit'/],
      ['advance telemetry --force', /^Unknown option '--force'/],
      ['advance telemetry --min-green soon', /^--min-green must be a duration such as 24h/],
      ['advance telemetry --days 0', /^--days must be a whole number/],
      ['advance telemetry --days 3 --from-ms 4', /^--days and --from-ms say the same/],
      ['advance audit --days 3', /^--days belongs to advance telemetry/],
      [['advance', 'telemetry', '--waive-older', ' '], /^--waive-older is missing: say in words/],
      ['rollback telemetry', /^--reason is missing: say in words why/],
      [['rollback', 'telemetry', '--reason', ' '], /^--reason is missing/],
      [['rollback', 'telemetry', '--reason', 'x'.repeat(501)], /^--reason is 501 characters long: at most 500/],
      [['advance', 'telemetry', '--waive-older', 'x'.repeat(501)], /^--waive-older is 501 characters long/],
      ['advance auth --min-green 0', /^--min-green belongs to advance telemetry\.$/],
      [
        'advance telemetry --min-green 0',
        /^--min-green belongs to the step from dual to firestore: .* is on sqlite\.$/,
      ],
      ['rollback audit --to dual --reason x', /^--to must be sqlite/],
      ['status telemetry', /^Unexpected argument 'telemetry'/],
    ];
    for (const [words, reason] of wrong) {
      const lines = await box.refused(words, 2);
      assert.match(lines[0] ?? '', reason);
      assert.equal(lines.length, 1);
    }
    await box.done('advance telemetry --emulator --days 3');
    for (const option of ['--days 3', '--from-ms 4']) {
      const lines = await box.refused(`advance telemetry ${option}`, 2);
      const [name = ''] = option.split(' ');
      assert.deepEqual(lines, [`${name} belongs to the step from sqlite to dual: telemetry is on dual.`]);
    }
    assert.deepEqual(before.flags.telemetry, 'sqlite');
    const { code } = await run('cutover', []);
    assert.equal(code, 2);
  });

  it('says in one line what is no box that could move', async () => {
    assert.match((await box.refused('status')).join('\n'), /^There is no data in .*: check --data/);
    writeFileSync(join(box.folder, 'bas.sqlite'), 'not a database, but long enough to be read as one'.repeat(100));
    const lines = await box.refused('status');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /bas\.sqlite/);
    rmSync(join(box.folder, 'bas.sqlite'));
    await (await box.serve(['--demo'])).stop();
    assert.match((await box.refused('status', 1, {})).join('\n'), /^No project to move to: set GCP_PROJECT_ID /);
    const cloud = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1', ...box.env };
    const empty = mkdtempSync(join(box.folder, 'empty-'));
    const elsewhere = await run('cutover', ['status', '--data', empty], { env: cloud });
    assert.deepEqual(
      [elsewhere.code, elsewhere.stderr],
      [1, 'This home is on Firestore alone: there is nothing to move, and no way back.\n'],
    );
    await box.done('advance telemetry --emulator');
    assert.match((await box.refused('status', 1, {})).join('\n'), /^GCP_PROJECT_ID: .* is moving to Firestore; name/);
  });

  it('shows status and rolls back while Firestore is away, and refuses what needs it', async () => {
    const { url } = await box.serve(['--demo']);
    await box.post(url, [Date.now()]);
    await box.done('advance telemetry --emulator');
    await box.delivered();
    await box.done('compare');
    await box.done('advance telemetry --emulator --min-green 0');
    const away = { ...box.env, FIRESTORE_EMULATOR_HOST: NOWHERE };
    assert.match(await box.done('status', away), /^telemetry {2}firestore since /);
    assert.deepEqual(await box.refused('advance audit --emulator', 1, away), [
      'Firestore does not answer: look at its state, and at GCP_PROJECT_ID.',
    ]);
    const started_ms = performance.now();
    assert.match(await box.done(['rollback', 'telemetry', '--reason', 'outage'], away), /: firestore -> sqlite\. /);
    assert.ok(performance.now() - started_ms < 10_000);
  });
});
