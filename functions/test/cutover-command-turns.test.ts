/** What the command line does when it meets the box's own work by chance, and what its exit codes tell. */
import Driver, { type Database } from 'better-sqlite3';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { SECOND_MS } from '@bas/core/clock';
import { finished, start } from './support/command.ts';
import { OperatedBox } from './support/operated-box.ts';

const NOWHERE = '127.0.0.1:1';
const WAITS = /^Another comparison is running, perhaps the box's own: waiting for it, at most 5 min\. Ctrl-C stops\.$/m;

describe('the cutover by its command line, beside the box that works by itself', function () {
  this.timeout(120_000);
  let box: OperatedBox;
  let db: Database;

  before(async () => {
    box = new OperatedBox();
    const served = await box.serve(['--demo']);
    await box.post(served.url, [Date.now()]);
    await box.done('advance telemetry --emulator');
    await box.delivered();
    // What it does by itself would end these waits by chance.
    await served.stop();
    db = new Driver(join(box.folder, 'bas.sqlite'));
  });
  after(async () => {
    db.close();
    await box.close();
  });

  /** As a comparison of another process does, for `ms`. */
  function compareElsewhere(ms: number): number {
    const until_ms = Date.now() + ms;
    db.prepare("INSERT OR REPLACE INTO cutover_lease VALUES ('comparison', 'elsewhere', ?)").run(until_ms);
    return until_ms;
  }

  it('waits for a comparison that is running, says so, and then makes its own', async () => {
    const until_ms = compareElsewhere(4 * SECOND_MS);
    const { code, stdout, stderr } = await box.cutover('compare');
    assert.ok(Date.now() >= until_ms);
    assert.deepEqual([code, stderr.match(WAITS)?.length], [0, 1], stderr);
    assert.match(stdout, /\nNo difference\.\n$/);
  });

  it('waits as well before reads move', async () => {
    const until_ms = compareElsewhere(4 * SECOND_MS);
    const { code, stdout, stderr } = await box.cutover('advance telemetry --emulator --min-green 0');
    assert.ok(Date.now() >= until_ms);
    assert.deepEqual([code, stderr.match(WAITS)?.length], [0, 1], stderr);
    assert.match(stdout, /^telemetry: dual -> firestore\. /);
    await box.done(['rollback', 'telemetry', '--to', 'dual', '--reason', 'for the next test']);
  });

  it('can be stopped while it waits, at once and without a word of failure', async () => {
    compareElsewhere(60 * SECOND_MS);
    const child = start('cutover', ['compare', '--data', box.folder], box.env);
    const ended = finished(child);
    await once(child.stderr, 'data');
    const stopped_ms = performance.now();
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.ok(performance.now() - stopped_ms < 3_000);
    assert.deepEqual([code, stdout], [130, '']);
    assert.match(stderr, WAITS);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    compareElsewhere(0);
  });

  it('tells equal, different and not knowing apart by its exit code', async () => {
    assert.equal((await box.cutover('compare')).code, 0);
    await box.tamper('ahu-1', '{"value":99.5}');
    const found = await box.cutover('compare --restart');
    assert.equal(found.code, 1, found.stderr);
    assert.match(found.stdout, /^1 bucket with differences, 1 point:$/m);
    const away = { ...box.env, FIRESTORE_EMULATOR_HOST: NOWHERE };
    assert.match((await box.refused('compare --restart', 3, away)).join(), /^Firestore did not answer: /);
    assert.equal((await box.cutover('compare --restart --changed')).code, 2);
    assert.match((await box.cutover('compare --help')).stdout, /Exit 0 .*, 1 .*, 3 /);
  });
});
