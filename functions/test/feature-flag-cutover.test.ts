/**
 * The whole cutover of a box under load: devices post and dashboards look, over HTTP, at three processes on one file,
 * while everything moves to Firestore, back and forward again, processes are killed and Firestore fails.
 *
 * The emulator keeps its data in memory. During `dual` it comes back empty, which shows that a comparison notices and
 * repairs even that. After the move it comes back with all that it had confirmed, as Firestore does: reads that have moved
 * rely on it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND_MS } from '@bas/core/clock';
import { Box } from './cutover-e2e/box.ts';
import { Cloud } from './cutover-e2e/cloud.ts';
import { Dashboard } from './cutover-e2e/dashboards.ts';
import { runDevice } from './cutover-e2e/devices.ts';
import { differences, Ledger } from './cutover-e2e/ledger.ts';
import { Operator } from './cutover-e2e/operator.ts';
import { populate } from './cutover-e2e/population.ts';
import { nothingSeen, seenSince, type Seen } from './cutover-e2e/seen.ts';
import { FirestoreDocuments, SqliteTables } from './cutover-e2e/stores.ts';

const PROJECT_ID = 'demo-cutover-e2e';
const PROCESSES = 3;
const LEAST_POINTS = 20_000;
/** While devices post, something is always on its way. */
const MOST_UNDER_WAY = 60;
const PATIENCE_MS = 90 * SECOND_MS;
/** How long dashboards look at a phase after its last event. */
const LOOK_MS = 3 * SECOND_MS;

describe('the cutover of a box under load', function () {
  this.timeout(400 * SECOND_MS);
  const folder = mkdtempSync(join(tmpdir(), 'bas-cutover-'));
  const ledger = new Ledger();
  const faults: string[] = [];
  const seen: Record<string, Seen> = {};
  let cloud: Cloud;
  let box: Box;
  let operator: Operator;
  let sqlite: SqliteTables;

  before(async () => {
    const file = join(folder, 'bas.sqlite');
    cloud = await Cloud.start();
    const env = { GCP_PROJECT_ID: PROJECT_ID, FIRESTORE_EMULATOR_HOST: cloud.host };
    box = new Box(['--data', folder, '--rate', '600'], env);
    operator = new Operator(folder, env);
    const { users, devices } = await populate(file);
    sqlite = new SqliteTables(file);
    await box.start(PROCESSES);
    const total = nothingSeen();
    const stopped = new AbortController();
    const load = [
      ...devices.map((device) => runDevice({ box, ledger, faults }, device, stopped.signal)),
      ...users.map((user) => new Dashboard({ box, ledger, devices, seen: total }, user).run(stopped.signal)),
    ];
    const phase = async (name: string, work: () => Promise<void>): Promise<void> => {
      const before = structuredClone(total);
      await work();
      await box.kill();
      await sleep(LOOK_MS);
      seen[name] = seenSince(before, total);
    };
    await Promise.all([drill(phase).finally(() => stopped.abort()), ...load]);
    await until('delivery is idle', () => {
      const { buckets, rows } = sqlite.undelivered();
      return buckets + rows === 0;
    });
    await operator.finalize();
  });

  after(async () => {
    sqlite.close();
    await box.stop();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function drill(phase: (name: string, work: () => Promise<void>) => Promise<void>): Promise<void> {
    await phase('sqlite', () => operator.refused('audit', /telemetry is on sqlite/));
    await phase('dual', async () => {
      await operator.advance('telemetry');
      await until('most is delivered', () => sqlite.undelivered().buckets < MOST_UNDER_WAY);
      await cloud.killAndLoseAll();
      await operator.refused('auth', /audit is on sqlite/);
      await operator.repair();
    });
    await phase('firestore', async () => {
      await operator.advance('telemetry');
      await sleep(LOOK_MS);
      await cloud.outage(PROJECT_ID, 3 * SECOND_MS);
    });
    await phase('audit', () => operator.advance('audit'));
    await phase('auth', () => operator.advance('auth'));
    await phase('back', async () => {
      for (const concern of ['auth', 'audit', 'telemetry'] as const) await operator.rollback(concern);
    });
    await phase('forward', async () => {
      for (const concern of ['telemetry', 'telemetry', 'audit', 'auth'] as const) await operator.advance(concern);
      await until('enough was posted', () => ledger.expected().size >= LEAST_POINTS);
    });
  }

  it(`left each of ${LEAST_POINTS.toLocaleString('en')} and more points in both stores, value by value, and no other`, async () => {
    const expected = ledger.expected();
    assert.ok(expected.size >= LEAST_POINTS);
    assert.deepEqual(differences(expected, sqlite.points()).slice(0, 10), []);
    const firestore = new FirestoreDocuments(cloud.emulator_host, PROJECT_ID);
    assert.deepEqual(differences(expected, await firestore.points()).slice(0, 10), []);
  });

  it('answered no device with a 5xx nor with a refusal, though processes were killed while they answered', () => {
    assert.deepEqual(faults, []);
    assert.equal(box.kills, Object.keys(seen).length);
  });

  it('showed every acknowledged point to whoever asked afterwards, in each phase and at each flip', () => {
    for (const [phase, { missed, checked, faults: failures }] of Object.entries(seen)) {
      assert.deepEqual([phase, missed, failures], [phase, [], []]);
      assert.ok(checked > 0, `${phase}: nothing was looked at`);
    }
  });

  it('read from Firestore when telemetry had moved, and only then', () => {
    for (const phase of ['sqlite', 'dual']) assert.equal(seen[phase]?.from_firestore, 0, phase);
    for (const phase of ['firestore', 'audit', 'auth', 'forward']) {
      assert.ok((seen[phase]?.from_firestore ?? 0) > 0, phase);
    }
  });

  it('showed nobody a point of another tenant', () => {
    const all = Object.values(seen);
    assert.deepEqual(
      all.flatMap(({ foreign }) => foreign),
      [],
    );
    assert.ok(all.reduce((sum, { refused }) => sum + refused, 0) > 0);
  });

  it('ended every session when sign-in moved, and let people in again', () => {
    for (const phase of ['auth', 'back', 'forward']) assert.ok((seen[phase]?.sign_ins ?? 0) > 0, phase);
  });

  it('audited every move and every refusal, in both stores alike', async () => {
    const events = sqlite.events();
    const moves = events.filter(({ action, source }) => action.startsWith('cutover.') && source === 'admin');
    assert.deepEqual(
      moves.map(({ action, target, outcome }) => `${action} ${String(target)} ${outcome}`),
      operator.told,
    );
    const delivered = await new FirestoreDocuments(cloud.emulator_host, PROJECT_ID).events();
    const byId = (all: typeof events) => new Map(all.map((event) => [event.event_id, event]));
    assert.deepEqual(byId(delivered), byId(events));
  });
});

async function until(what: string, holds: () => boolean): Promise<void> {
  const until_ms = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > until_ms) throw new Error(`Waited in vain until ${what}.`);
    await sleep(SECOND_MS / 4);
  }
}
