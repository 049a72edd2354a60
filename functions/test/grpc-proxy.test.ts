/** The proxy that other tests trust to break things: what it passes is unchanged, and what it breaks is broken as told. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Firestore } from '@google-cloud/firestore';
import { connect } from '@bas/core/stores/firestore/client';
import { startFirestore, type FirestoreEmulator } from '../../scripts/lib/firestore-emulator.ts';
import { FaultRules } from './support/grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';

const BUILDING = 'The query requires an index. That index is currently building and cannot be used yet.';

describe('the fault-injecting proxy', () => {
  let proxy: GrpcProxy;
  let firestore: Firestore;

  before(async () => {
    proxy = await startGrpcProxy(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
  });
  after(() => proxy.close());
  beforeEach(async () => {
    firestore = await proxy.lead(() => connect(`demo-${randomUUID()}`, proxy.host));
    proxy.counts.reset();
  });
  afterEach(async () => {
    proxy.rules.clear();
    proxy.resume();
    await firestore.terminate();
  });

  const create = async (id: string, fields: object = { tenant_id: 'acme' }) => {
    await firestore.collection('rooms').doc(id).create(fields);
  };
  const read = async (id: string) => (await firestore.collection('rooms').doc(id).get()).data();

  it('passes reads, writes, queries and transactions, and counts what they cost', async () => {
    const long = { text: 'ü'.repeat(450_000) };
    await create('a', long);
    await create('b');
    assert.deepEqual(await read('a'), long);
    assert.equal(await read('missing'), undefined);
    assert.equal((await firestore.collection('rooms').get()).size, 2);
    assert.equal((await firestore.collection('empty').get()).size, 0);
    await firestore.runTransaction(async (transaction) => {
      const ref = firestore.collection('rooms').doc('b');
      assert.equal((await transaction.get(ref)).get('tenant_id'), 'acme');
      transaction.update(ref, { n: 1 }).delete(firestore.collection('rooms').doc('a'));
    });
    const { reads, writes, deletes } = proxy.counts;
    assert.deepEqual({ reads, writes, deletes }, { reads: 2 + 2 + 1 + 1, writes: 3, deletes: 1 });
    assert.equal(proxy.counts.calls('RunQuery'), 2);
    assert.equal(proxy.counts.calls('Commit'), 3);
  });

  it('passes a stream that goes on in both directions', async () => {
    const seen: number[] = [];
    const first = Promise.withResolvers<undefined>();
    const second = Promise.withResolvers<undefined>();
    const stop = firestore.collection('rooms').onSnapshot(({ size }) => {
      seen.push(size);
      (size === 0 ? first : second).resolve(undefined);
    });
    await first.promise;
    await create('a');
    await second.promise;
    stop();
    assert.deepEqual(seen, [0, 1]);
  });

  it('answers with a status in place of the emulator, as often as told and to whom told', async () => {
    const fault = { kind: 'status', status: 'FAILED_PRECONDITION', message: BUILDING } as const;
    const rule = proxy.rules.add({ fault, method: 'RunQuery', containing: 'rooms', times: 1 });
    assert.equal((await firestore.collection('floors').get()).size, 0);
    const failed = { code: 9, message: `9 FAILED_PRECONDITION: ${BUILDING}` };
    await assert.rejects(firestore.collection('rooms').get(), failed);
    assert.equal((await firestore.collection('rooms').get()).size, 0);
    assert.equal(rule.hits, 1);
    assert.equal(proxy.counts.calls('RunQuery'), 3);
    assert.equal(proxy.counts.reads, 2);
  });

  it('cuts the connection, and the client finds its way back', async () => {
    await create('a');
    const rule = proxy.rules.add({ fault: { kind: 'cut' }, method: 'BatchGetDocuments', times: 1 });
    assert.deepEqual(await read('a'), { tenant_id: 'acme' });
    assert.equal(rule.hits, 1);
    assert.equal(proxy.counts.calls('BatchGetDocuments'), 2);
  });

  it('loses the answer of a commit that was made', async () => {
    proxy.rules.add({ fault: { kind: 'lost_answer' }, method: 'Commit', times: 1 });
    // The SDK tries again and meets its own work.
    await assert.rejects(create('a'), { code: 6 });
    assert.equal(proxy.counts.calls('Commit'), 2);
    assert.equal(proxy.counts.writes, 1);
    assert.deepEqual(await read('a'), { tenant_id: 'acme' });
  });

  it('delays, and holds everything while it is paused', async () => {
    await create('a');
    proxy.rules.add({ fault: { kind: 'delay', delay_ms: 300 }, method: 'BatchGetDocuments', times: 1 });
    const started_ms = performance.now();
    await read('a');
    assert(performance.now() - started_ms >= 300);
    proxy.pause();
    const held = read('a');
    assert.equal(await Promise.race([held, sleep(300, 'nothing')]), 'nothing');
    proxy.resume();
    assert.deepEqual(await held, { tenant_id: 'acme' });
  });

  it('forges answers, and nothing that is stored', async () => {
    await create('a');
    proxy.rules.add({ fault: { kind: 'forged', from: 'acme', to: 'evil' }, times: 1 });
    assert.deepEqual(await read('a'), { tenant_id: 'evil' });
    assert.deepEqual(await read('a'), { tenant_id: 'acme' });
    assert.throws(() => proxy.rules.add({ fault: { kind: 'forged', from: 'a', to: 'bc' } }), TypeError);
  });

  it('draws the same faults from the same seed', () => {
    const draw = (seed: number) => {
      const rules = new FaultRules(seed);
      rules.add({ fault: { kind: 'cut' }, probability: 0.25 });
      return Array.from({ length: 400 }, () => rules.next('Commit', Buffer.alloc(0)) !== undefined);
    };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    const hits = draw(7).filter(Boolean).length;
    assert(hits > 60 && hits < 140, `${String(hits)} of 400`);
  });
});

describe('the fault-injecting proxy, when the emulator is killed', () => {
  let emulator: FirestoreEmulator;
  let proxy: GrpcProxy;
  let firestore: Firestore;

  before(async function () {
    this.timeout(60_000);
    emulator = await startFirestore();
    proxy = await startGrpcProxy(emulator.host);
    firestore = await proxy.lead(() => connect(`demo-${randomUUID()}`, proxy.host));
  });
  after(async () => {
    await firestore.terminate();
    await proxy.close();
    await emulator.stop();
  });

  it('answers nothing, and serves again once it is back on its port', async () => {
    const ref = firestore.collection('rooms').doc('a');
    await ref.create({ n: 1 });
    await emulator.stop();
    const tried = ref.get();
    assert.equal(await Promise.race([tried, sleep(500, 'nothing')]), 'nothing');
    assert(proxy.counts.calls('BatchGetDocuments') > 0);
    emulator = await startFirestore(Number(emulator.host.split(':')[1]));
    // Its data was in memory.
    assert.equal((await tried).exists, false);
    await ref.create({ n: 2 });
    assert.deepEqual((await ref.get()).data(), { n: 2 });
  }).timeout(60_000);
});
