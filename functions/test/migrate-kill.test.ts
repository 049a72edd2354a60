import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { finished, run, start } from './support/command.ts';
import { contentsOf, makeLegacy, openTarget, type Contents, type Target } from './support/legacy.ts';
import { STORES, type StoreName } from './support/server.ts';

const KILLS = 20;
/** Before it a process has not begun, and a kill proves nothing. */
const STARTING_MS = 150;
const VERBS = ['users', 'audit', 'telemetry'] as const;
type Verb = (typeof VERBS)[number];

describe('a migration killed with -9 and resumed', function () {
  this.timeout(600_000);
  let folder: string;
  let legacy: string;
  let targets = 0;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-migrate-kill-'));
    legacy = join(folder, 'legacy.sqlite');
    const newest_ms = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
    makeLegacy(legacy, {
      users: 120,
      events: 2_400,
      devices: 3,
      points_per_device: 2_000,
      interval_ms: 60_000,
      newest_ms,
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function newTarget(store: StoreName): Promise<Target> {
    const data = join(folder, `data-${(targets += 1)}`);
    mkdirSync(data);
    return openTarget(store, data);
  }

  function words(verb: Verb, to: Target, more: readonly string[] = []): string[] {
    const pace = verb === 'telemetry' ? ['--rate', '0', '--from-ms', '0'] : [];
    const where = ['--from', legacy, '--to', to.home.kind, '--data', to.folder, '--tenant', 'acme'];
    return [verb, ...where, ...pace, ...more];
  }

  /** How long a clean run takes, and what it leaves. */
  async function cleanRun(
    verb: Verb,
    store: StoreName,
  ): Promise<{ readonly took_ms: number; readonly left: Contents }> {
    const to = await newTarget(store);
    const started = performance.now();
    const { code, stderr } = await run('migrate', words(verb, to), { env: to.env });
    assert.equal(code, 0, stderr);
    return { took_ms: performance.now() - started, left: await contentsOf(to.home) };
  }

  /** Kills at one instant; true when the process was still at work. */
  async function killedAt(verb: Verb, to: Target, after_ms: number): Promise<boolean> {
    const child = start('migrate', words(verb, to), to.env);
    const ended = finished(child);
    await Promise.race([delay(after_ms), ended]);
    child.kill('SIGKILL');
    await ended;
    return child.signalCode === 'SIGKILL';
  }

  async function round(verb: Verb, store: StoreName, after_ms: number): Promise<{ killed: boolean; left: Contents }> {
    const to = await newTarget(store);
    const killed = await killedAt(verb, to, after_ms);
    const resumed = await run('migrate', words(verb, to, ['--resume']), { env: to.env });
    assert.equal(resumed.code, 0, `killed after ${after_ms} ms: ${resumed.stderr}${resumed.stdout}`);
    return { killed, left: await contentsOf(to.home) };
  }

  for (const store of STORES) {
    for (const verb of VERBS) {
      it(`leaves what a clean run leaves: ${verb} to ${store}, ${KILLS} times at random`, async () => {
        const { took_ms, left } = await cleanRun(verb, store);
        let killed = 0;
        // Two at a time: the machine has few cores, and a crowded one moves the instants about.
        for (let done = 0; done < KILLS; done += 2) {
          const instants = [0, 1].map(() => STARTING_MS + Math.random() * (took_ms - STARTING_MS));
          const rounds = await Promise.all(instants.map((after_ms) => round(verb, store, after_ms)));
          for (const [at, one] of rounds.entries()) {
            assert.deepEqual(one.left, left, `differs when killed after ${instants[at] ?? 0} ms`);
            if (one.killed) killed += 1;
          }
        }
        assert.ok(killed >= KILLS / 2, `only ${killed} were killed at work`);
      });
    }
  }
});
