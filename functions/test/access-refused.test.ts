/** That Firestore refuses this process is an event of the audit log, wherever it happens, and one for each outage. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectWitness, emulatorHost } from '@bas/core/stores/firestore/harness';
import { rawFirestore } from '@bas/core/stores/firestore/raw';
import devices from '../src/https/devices.ts';
import type { Fault } from './support/grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import { deliveryOf, furnish, move, openMovingBox, until } from './support/moving-box.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';

const REFUSED: Fault = { kind: 'status', status: 'PERMISSION_DENIED', message: 'no' };
const NO_DATABASE = 'The database (default) does not exist for project demo-x';

describe('refused access', function () {
  this.timeout(30_000);
  let proxy: GrpcProxy;

  before(async () => {
    proxy = await startGrpcProxy(emulatorHost());
  });
  afterEach(() => proxy.rules.clear());
  after(() => proxy.close());

  it('of a box that only delivers is in its file at once', async () => {
    const box = await proxy.lead(() => openMovingBox({ host: proxy.host }));
    await furnish(box, 1);
    await move(box, 'telemetry');
    const told = async () => (await box.sqlite.auditEvents('system')).filter(({ action }) => action === 'gate.change');
    assert.equal((await told()).length, 0);
    proxy.rules.add({ fault: REFUSED });
    const delivery = deliveryOf(box);
    for (let n = 0; n < 5; n += 1) await assert.rejects(delivery.pass(), { code: 'store_unavailable' });
    await until(async () => (await told()).length > 0);
    await sleep(100);
    const [event, ...others] = await told();
    assert.deepEqual([event?.outcome, event?.target, others.length], ['failure', 'firestore', 0]);
    await box.close();
  });

  describe('of a home on Firestore alone', () => {
    const tenant_id = 'acme';
    let witness: ReturnType<typeof connectWitness>;
    let server: TestServer;
    let browser: Browser;

    beforeEach(async () => {
      const project_id = `demo-${randomUUID()}`;
      witness = connectWitness(project_id);
      const home = { kind: 'firestore', project_id, emulator_host: proxy.host } as const;
      const config = { read_cache: 'none' } as const;
      server = await startServer({ store: 'firestore', doors: [devices], home, config });
      await proxy.lead(() => server.seed.tenant(tenant_id));
      browser = await server.signIn(await server.seed.user({ tenant_id, role: 'admin' }));
    });
    afterEach(() => Promise.all([server.close(), witness.terminate()]));

    const look = async () => (await browser.send('GET', '/v1/devices')).status;
    const told = async () =>
      (await rawFirestore(() => witness).auditEvents('system')).filter(({ action }) => action === 'gate.change');

    it('is told once the store answers again, by one event', async () => {
      proxy.rules.add({ fault: REFUSED });
      for (let n = 0; n < 10; n += 1) assert.equal(await look(), 503);
      assert.equal((await told()).length, 0);
      proxy.rules.clear();
      for (let n = 0; n < 10; n += 1) assert.equal(await look(), 200);
      await until(async () => (await told()).length > 0);
      for (let n = 0; n < 10; n += 1) assert.equal(await look(), 200);
      await sleep(100);
      assert.equal((await told()).length, 1);
    });

    it('is told at once where an event may be stored', async () => {
      proxy.rules.add({ fault: REFUSED, method: 'RunQuery' });
      assert.equal(await look(), 503);
      await until(async () => (await told()).length > 0);
      for (let n = 0; n < 10; n += 1) assert.equal(await look(), 503);
      await sleep(100);
      assert.equal((await told()).length, 1);
    });

    it('costs no write for each request while every write is refused', async () => {
      const refused = proxy.rules.add({ fault: REFUSED, method: 'Commit' });
      const query = proxy.rules.add({ fault: REFUSED, method: 'RunQuery', times: 1 });
      assert.equal(await look(), 503);
      for (let n = 0; n < 30; n += 1) assert.equal(await look(), 200);
      await sleep(100);
      assert.deepEqual([query.hits, refused.hits], [1, 2]);
    });

    it('is how a database that is not there is told', async () => {
      proxy.rules.add({ fault: { kind: 'status', status: 'NOT_FOUND', message: NO_DATABASE } });
      for (let n = 0; n < 3; n += 1) assert.equal(await look(), 503);
      proxy.rules.clear();
      assert.equal(await look(), 200);
      await until(async () => (await told()).length > 0);
    });
  });
});
