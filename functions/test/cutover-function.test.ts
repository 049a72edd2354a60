import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CutoverAnswer } from '@bas/core';
import { startDelivery } from '@bas/core/cutover/start-delivery';
import cutoverDoor from '../src/https/cutover.ts';
import health from '../src/https/health.ts';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import type { Answer } from './support/client.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';

const DOORS = [cutoverDoor, health, ingestTelemetry, recentTelemetry];
const NO_WAITING = { min_green_ms: 0, emulator: true };

function stands(answer: Answer) {
  assert.equal(answer.status, 200, answer.text);
  return CutoverAnswer().strict().parse(answer.json());
}

const phases = (answer: Answer): string[] => stands(answer).concerns.map(({ phase }) => phase);

function refused(answer: Answer): string[] {
  assert.deepEqual([answer.status, answer.code], [409, 'precondition_failed'], answer.text);
  const reasons = answer.member('reasons');
  assert.ok(Array.isArray(reasons) && reasons.length > 0);
  return reasons.map(String);
}

describe('the cutover function', function () {
  this.timeout(60_000);
  let folder: string;
  let server: TestServer;
  let device: SeededDevice;
  let operator: Browser;
  let delivery: Awaited<ReturnType<typeof startDelivery>>;

  const ask = () => operator.get('/v1/cutover');
  const act = (json: object) => operator.post('/v1/cutover', json);
  const signIn = async () =>
    server.signIn(await server.seed.user({ tenant_id: 'system', role: 'platform_admin' }), {
      headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0' },
    });

  async function post(value: number): Promise<void> {
    server.clock.advance(60_000);
    const points = [{ timestamp_ms: server.clock.now_ms(), metrics: { value } }];
    const answer = await server.device(device).post('/v1/telemetry', { device_id: device.device_id, points });
    assert.equal(answer.status, 200, answer.text);
  }

  /** People and the audit log wait for their own move. */
  async function delivered(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { dirty } = stands(await ask());
      if (dirty.buckets === 0) return;
      server.clock.advance(5_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`Not delivered: ${JSON.stringify(stands(await ask()).dirty)}`);
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-cutover-'));
    const emulator_host = process.env['FIRESTORE_EMULATOR_HOST'];
    const target = { project_id: `demo-${randomUUID()}`, emulator_host };
    const home = { kind: 'sqlite', file: join(folder, 'bas.sqlite'), target } as const;
    server = await startServer({ store: 'sqlite', doors: DOORS, home });
    await server.seed.tenant('acme');
    await server.seed.tenant('system');
    device = await server.seed.device({ tenant_id: 'acme' });
    operator = await signIn();
    delivery = await startDelivery(server.suite, 0);
  });
  afterEach(async () => {
    await delivery?.stop();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is for administrators of the platform alone', async () => {
    const viewer = await server.signIn(await server.seed.user({ tenant_id: 'system', role: 'viewer' }));
    const admin = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'admin' }));
    const act = { action: 'rollback', concern: 'telemetry', reason: 'curious' };
    for (const nobody of [viewer, admin]) {
      assert.equal((await nobody.get('/v1/cutover')).code, 'role_required');
      assert.equal((await nobody.post('/v1/cutover', act)).code, 'role_required');
    }
    const elsewhere = { headers: { 'x-bas-tenant': 'acme' } };
    assert.equal((await operator.get('/v1/cutover', elsewhere)).code, 'tenant_mismatch');
    assert.equal((await server.device(device).get('/v1/cutover')).code, 'unauthenticated');
  });

  it('takes nothing but the four actions, each as it is written down', async () => {
    for (const json of [
      {},
      { action: 'advance' },
      { action: 'advance', concern: 'weather' },
      { action: 'advance', concern: 'telemetry', min_green_ms: -1 },
      { action: 'advance', concern: 'telemetry', force: true },
      { action: 'rollback', concern: 'telemetry' },
      { action: 'rollback', concern: 'telemetry', reason: ' ' },
      { action: 'finalize' },
      { action: 'finalize', confirm: 'yes' },
      { action: 'rollback', concern: 'telemetry', reason: 'x'.repeat(501) },
      { action: 'compare', full: true },
    ]) {
      assert.equal((await act(json)).code, 'malformed_request', JSON.stringify(json));
    }
    assert.deepEqual(phases(await ask()), ['sqlite', 'sqlite', 'sqlite']);
  });

  it('refuses what the step at hand has no use for, and names it', async () => {
    const named = async (field: string, json: object): Promise<void> => {
      const answer = await act({ action: 'advance', emulator: true, ...json });
      assert.deepEqual([answer.status, answer.code], [400, 'malformed_request'], answer.text);
      assert.match(String(answer.member('detail')), new RegExp(`\\b${field}\\b`));
    };
    await named('reason', { concern: 'telemetry', reason: 'because' });
    await named('min_green_ms', { concern: 'telemetry', min_green_ms: 0 });
    for (const concern of ['audit', 'auth']) {
      await named('min_green_ms', { concern, min_green_ms: 0 });
      await named('backfill_start_ms', { concern, backfill_start_ms: 0 });
      await named('waive_older', { concern, waive_older: 'nobody asks for it' });
    }
    assert.deepEqual(phases(await ask()), ['sqlite', 'sqlite', 'sqlite']);
    await act({ action: 'advance', concern: 'telemetry', emulator: true, backfill_start_ms: 0 });
    await named('backfill_start_ms', { concern: 'telemetry', backfill_start_ms: 0 });
    assert.deepEqual(phases(await ask()), ['dual', 'sqlite', 'sqlite']);
  });

  it('refuses with every reason, and tells of it in whose name it was asked', async () => {
    const early = refused(await act({ action: 'advance', concern: 'audit' }));
    assert.ok(early.some((reason) => reason.startsWith('telemetry is on sqlite')));
    assert.ok(early.some((reason) => reason.includes('--emulator')));
    refused(await act({ action: 'rollback', concern: 'auth', reason: 'for fun' }));
    refused(await act({ action: 'compare' }));
    refused(await act({ action: 'finalize', confirm: 'finalize' }));
    const told = ['cutover.advance', 'cutover.rollback', 'cutover.finalize'] as const;
    for (const action of told) {
      const [event] = await server.seed.auditOf('system', action);
      assert.deepEqual([event?.outcome, event?.source, event?.ip], ['refused', 'http', '127.0.0.1'], action);
      assert.ok(event?.user_id && event.request_id && event.user_agent?.includes('Firefox'), action);
    }
  });

  it('delivers from no start in the future, from which on nothing would come', async () => {
    const late = { action: 'advance', concern: 'telemetry', emulator: true };
    const answer = await act({ ...late, backfill_start_ms: Number.MAX_SAFE_INTEGER });
    assert.deepEqual(refused(answer), ['The start of what is delivered lies in the future.']);
    assert.deepEqual(phases(await ask()), ['sqlite', 'sqlite', 'sqlite']);
    assert.deepEqual(phases(await act({ ...late, backfill_start_ms: server.clock.now_ms() }))[0], 'dual');
  });

  it('moves a box to the end, one step at a time, and opens the cloud home', async () => {
    await post(1);
    assert.deepEqual(phases(await act({ action: 'advance', concern: 'telemetry', emulator: true })), [
      'dual',
      'sqlite',
      'sqlite',
    ]);
    const well = await server.client.send('GET', '/v1/health');
    const phases_now = { telemetry: 'dual', audit: 'sqlite', auth: 'sqlite' };
    assert.deepEqual([well.member('status'), well.member('flags')], ['ok', phases_now]);
    assert.deepEqual(well.member('gate'), { state: 'emulator' });
    assert.equal(well.headers['x-read-count'], undefined);
    const other = await startServer({
      store: 'firestore',
      doors: DOORS,
      clock: server.clock,
      home: { kind: 'firestore', ...targetOf(server) },
    });
    await post(2);
    await delivered();
    const compared = stands(await act({ action: 'compare' }));
    assert.equal(compared.proof.points, 2);
    assert.notEqual(compared.proof.green_since_ms, null);
    await act({ action: 'advance', concern: 'telemetry', ...NO_WAITING });
    await act({ action: 'rollback', concern: 'telemetry', reason: 'to see it' });
    await act({ action: 'advance', concern: 'telemetry', emulator: true });
    await delivered();
    await act({ action: 'advance', concern: 'telemetry', ...NO_WAITING });
    await act({ action: 'advance', concern: 'audit', emulator: true });
    assert.deepEqual(phases(await act({ action: 'advance', concern: 'auth', emulator: true })).slice(0, 2), [
      'firestore',
      'firestore',
    ]);
    assert.equal((await ask()).code, 'reauthentication_required');
    operator = await signIn();
    await delivered();
    const key = { authorization: `Bearer ${device.key}`, 'x-bas-tenant': 'acme' };
    const point = { timestamp_ms: server.clock.now_ms(), metrics: { value: 3 } };
    const toCloud = () =>
      other.client.send('POST', '/v1/telemetry', {
        headers: key,
        json: { device_id: device.device_id, points: [point] },
      });
    const moving = await toCloud();
    assert.deepEqual([moving.status, moving.code], [503, 'store_unavailable'], 'still being moved');
    assert.equal(stands(await act({ action: 'finalize', confirm: 'finalize' })).finalized, true);
    server.clock.advance(60_000);
    assert.equal((await toCloud()).status, 200, 'open');
    await other.close();
    const done = await server.seed.auditOf('system', 'cutover.advance');
    assert.ok(done.some(({ outcome, source }) => outcome === 'success' && source === 'http'));
  });

  it('says why a box that knows of no project cannot move, and that a home on Firestore has', async () => {
    for (const [store, finalized, words] of [
      ['sqlite', false, /No project to move to/],
      ['firestore', true, /Firestore alone/],
    ] as const) {
      const home = await startServer({ store, doors: DOORS });
      await home.seed.tenant('system');
      const one = await home.signIn(await home.seed.user({ tenant_id: 'system', role: 'platform_admin' }));
      const answer = stands(await one.get('/v1/cutover'));
      assert.equal(answer.finalized, finalized);
      if (!finalized) assert.match(answer.concerns[0]?.reasons[0] ?? '', words);
      const [reason] = refused(await one.post('/v1/cutover', { action: 'advance', concern: 'telemetry' }));
      assert.match(reason ?? '', words);
      const [told] = await home.seed.auditOf('system', 'cutover.advance');
      assert.deepEqual([told?.outcome, told?.detail], ['refused', reason]);
      await home.close();
    }
  });
});

function targetOf({ suite }: TestServer) {
  const { home } = suite.config;
  assert.ok(home.kind === 'sqlite' && home.target !== undefined);
  return home.target;
}
