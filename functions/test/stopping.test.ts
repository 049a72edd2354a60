/** How soon processes end that a Firestore which is away would hold up: real ones, and a port where nobody listens. */
import Driver from 'better-sqlite3';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND_MS } from '@bas/core/clock';
import * as z from 'zod';
import { finished, serve, start, type Served } from './support/command.ts';
import { until } from './support/moving-box.ts';
import { OperatedBox } from './support/operated-box.ts';

const NOWHERE = '127.0.0.1:1';
/** After its last word: closing the client and what lingers, with room for a busy machine. */
const LINGERING_MS = 5 * SECOND_MS;
/** The box's own work gets two seconds, closing the client two, and what lingers one. */
const STOPPING_MS = 8 * SECOND_MS;

describe('a process that Firestore would hold up', function () {
  this.timeout(120_000);
  let box: OperatedBox;
  let away: OperatedBox['env'];

  before(async () => {
    box = new OperatedBox();
    const served = await box.serve(['--demo']);
    await box.post(served.url, [Date.now()]);
    await box.done('advance telemetry --emulator');
    await box.delivered();
    await served.stop();
    away = { ...box.env, FIRESTORE_EMULATOR_HOST: NOWHERE };
  });
  after(() => box.close());
  // A comparison that was cut off holds the next one up for a minute.
  beforeEach(() => new Driver(join(box.folder, 'bas.sqlite')).exec('DELETE FROM cutover_lease').close());

  it('ends soon after its last word when it is a command', async () => {
    const child = start('cutover', ['advance', 'audit', '--emulator', '--data', box.folder], away);
    const ended = finished(child);
    await once(child.stderr, 'data');
    const told_ms = performance.now();
    const { code, stderr } = await ended;
    assert.equal(code, 1);
    assert.match(stderr, /^Firestore does not answer: /m);
    const took_ms = performance.now() - told_ms;
    assert.ok(took_ms < LINGERING_MS, `${String(took_ms)} ms`);
  });

  /** A served box in the midst of delivering and of comparing, both in vain. */
  async function held(): Promise<Served> {
    const served = await box.serve(['--log-requests'], away);
    await box.post(served.url, [Date.now()]);
    let told = '';
    served.child.stderr.on('data', (chunk) => (told += String(chunk)));
    // It compares five seconds after its start, and asks for ten.
    await until(() => told.includes('sweepSessions'));
    await sleep(SECOND_MS);
    return served;
  }

  it('ends in seconds when it is the server, and tells of nothing that the stop made fail', async () => {
    const served = await held();
    const stopped_ms = performance.now();
    const { code, stdout, stderr } = await served.stop();
    const took_ms = performance.now() - stopped_ms;
    assert.deepEqual([code, stdout.trimEnd().split('\n').at(-1)], [0, 'Stopped.']);
    assert.ok(took_ms < STOPPING_MS, `${String(took_ms)} ms`);
    assert.doesNotMatch(stderr, /not open|schedule failed/);
  });

  it('ends in seconds when it compares and the user stops it', async () => {
    // A port that refuses is given up at once; one that says nothing is waited for.
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = z.object({ port: z.int() }).parse(silent.address());
    const env = { ...box.env, FIRESTORE_EMULATOR_HOST: `127.0.0.1:${String(port)}` };
    const child = start('cutover', ['compare', '--restart', '--data', box.folder], env);
    const ended = finished(child);
    await sleep(3 * SECOND_MS);
    const stopped_ms = performance.now();
    child.kill('SIGINT');
    assert.equal((await ended).code, 130);
    const took_ms = performance.now() - stopped_ms;
    assert.ok(took_ms < STOPPING_MS, `${String(took_ms)} ms`);
    silent.close();
  });
});

describe('a demo that is stopped while it is made', function () {
  this.timeout(60_000);

  it('ends with a word, and goes on when it is started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bas-demo-'));
    try {
      const child = start('serve', ['--port', '0', '--demo', '--no-simulation', '--data', folder]);
      const ended = finished(child);
      await until(() => Promise.resolve(existsSync(join(folder, 'demo.json'))));
      child.kill('SIGINT');
      const { code, stdout, stderr } = await ended;
      assert.deepEqual([code, stdout, stderr], [0, 'Stopped.\n', '']);
      const again = await serve(['--demo', '--data', folder]);
      assert.equal((await again.stop()).code, 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
