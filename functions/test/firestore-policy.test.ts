/** What is asked of Firestore again, and how often, as the wire sees it; what opens the breaker, and what is told of it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Firestore } from '@google-cloud/firestore';
import { Problem } from '@bas/core/errors';
import type { LogFields } from '@bas/core/observability/log';
import { Meter } from '@bas/core/observability/meter';
import { Dependencies } from '@bas/core/resilience/dependencies';
import { connect } from '@bas/core/stores/firestore/client';
import { Documents, type Change } from '@bas/core/stores/firestore/documents';
import { emulatorHost, freshProject } from '@bas/core/stores/firestore/harness';
import { paths } from '@bas/core/stores/firestore/paths';
import { StorePolicy } from '@bas/core/stores/firestore/policy';
import type { GrpcStatus } from './support/grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';

const SHORT_MS = 1_500;

const telling = (status: GrpcStatus, message = 'x') => ({ kind: 'status', status, message }) as const;

describe('the policy for Firestore', function () {
  this.timeout(30_000);
  let proxy: GrpcProxy;
  let firestore: Firestore;
  let dependencies: Dependencies;
  let documents: Documents;
  let lines: LogFields[];
  let made = 0;

  before(async () => {
    proxy = await startGrpcProxy(emulatorHost());
    firestore = await proxy.lead(() => connect(freshProject(), proxy.host));
  });
  after(async () => {
    await firestore.terminate();
    await proxy.close();
  });
  beforeEach(async () => {
    lines = [];
    dependencies = new Dependencies({ log: (severity, _, fields) => lines.push({ severity, ...fields }) });
    documents = new Documents(firestore, new Meter(), new StorePolicy(dependencies), SHORT_MS);
    await new Documents(firestore, new Meter()).get(paths.tenant('acme'));
    proxy.counts.reset();
  });
  afterEach(() => proxy.rules.clear());

  const state = () => dependencies.states()['firestore'];
  const creation = (): Change => {
    const tenant_id = `t${String((made += 1))}`;
    return { kind: 'create', path: paths.tenant(tenant_id), fields: { tenant_id } };
  };
  const asking = {
    get: { method: 'BatchGetDocuments', ask: () => documents.get(paths.tenant('acme')) },
    query: { method: 'RunQuery', ask: () => documents.query({ shape: 'tenants', equal: [], limit: 1 }) },
    commit: { method: 'Commit', ask: () => documents.commit([creation()]) },
    transaction: {
      method: 'Commit',
      ask: () =>
        documents.transaction((scope) => {
          scope.change(creation());
          return Promise.resolve();
        }),
    },
  };

  /** Calls on the wire, by what is asked: get, query, commit, transaction. */
  const TRIES: Readonly<Partial<Record<GrpcStatus, readonly [number, number, number, number]>>> = {
    UNAVAILABLE: [3, 3, 3, 3],
    INTERNAL: [3, 3, 1, 3],
    DEADLINE_EXCEEDED: [1, 1, 1, 1],
    RESOURCE_EXHAUSTED: [1, 1, 1, 1],
    PERMISSION_DENIED: [1, 1, 1, 1],
    UNAUTHENTICATED: [1, 1, 1, 1],
    CANCELLED: [1, 1, 1, 1],
    UNKNOWN: [1, 1, 1, 1],
  };
  for (const [status, tries] of Object.entries(TRIES)) {
    it(`asks as often as its table says when the answer is ${status}, within a second`, async () => {
      for (const [at, { method, ask }] of Object.values(asking).entries()) {
        const rule = proxy.rules.add({ fault: telling(status as GrpcStatus), method });
        const started_ms = performance.now();
        // A breaker of its own for each.
        documents = new Documents(firestore, new Meter());
        await assert.rejects(ask(), { code: 'store_unavailable', status: 503 });
        assert(performance.now() - started_ms < 1_000, `${method}: ${String(performance.now() - started_ms)} ms`);
        assert.equal(rule.hits, tries[at], `${status} of ${Object.keys(asking)[at] ?? ''}`);
        rule.remove();
      }
    });
  }

  it('tries a commit that is aborted again, and no longer than its deadline', async () => {
    const fault = telling('ABORTED');
    const rule = proxy.rules.add({ fault, method: 'Commit' });
    const started_ms = performance.now();
    await assert.rejects(documents.commit([creation()]), { code: 'store_unavailable' });
    const took_ms = performance.now() - started_ms;
    assert(took_ms >= SHORT_MS - 100 && took_ms < SHORT_MS + 500, `${String(took_ms)} ms`);
    const { hits } = rule;
    assert(hits > 2, String(hits));
    await sleep(2_000);
    assert.equal(rule.hits, hits, 'the SDK went on');
  });

  it('repeats a transaction that is aborted from its reads', async () => {
    const fault = telling('ABORTED');
    proxy.rules.add({ fault, method: 'Commit', times: 1 });
    let reads = 0;
    await documents.transaction(async (scope) => {
      reads += 1;
      await scope.getAll([paths.tenant('acme')]);
      scope.change(creation());
    });
    assert.equal(reads, 2);
  });

  it('opens after five attempts, asks no more, and closes by one probe', async () => {
    const fault = telling('UNAVAILABLE');
    const rule = proxy.rules.add({ fault });
    await assert.rejects(asking.get.ask());
    assert.equal(state(), 'closed');
    await assert.rejects(asking.get.ask());
    assert.equal(state(), 'open');
    const { hits } = rule;
    assert.equal(hits, 5);
    const started_ms = performance.now();
    for (let n = 0; n < 200; n += 1) {
      await assert.rejects(asking.commit.ask(), (error) => error instanceof Problem && (error.retry_after_s ?? 0) > 0);
    }
    assert(performance.now() - started_ms < 1_000);
    assert.equal(rule.hits, hits);
    proxy.rules.clear();
    await sleep(2_000);
    proxy.counts.reset();
    await asking.commit.ask();
    assert.deepEqual([state(), proxy.counts.calls()], ['closed', 1]);
  });

  it('does not open by what is an answer, however often', async () => {
    for (const status of ['RESOURCE_EXHAUSTED', 'PERMISSION_DENIED', 'FAILED_PRECONDITION', 'NOT_FOUND'] as const) {
      proxy.rules.add({ fault: telling(status) });
      for (let n = 0; n < 10; n += 1) await asking.get.ask().catch(() => undefined);
      for (let n = 0; n < 10; n += 1) await asking.commit.ask().catch(() => undefined);
      assert.equal(state(), 'closed', status);
      proxy.rules.clear();
    }
  });

  it('hands on a commit that was acknowledged although the breaker opened meanwhile', async () => {
    proxy.rules.add({ fault: { kind: 'delay', delay_ms: 1_000 }, method: 'Commit', times: 1 });
    const change = creation();
    const acknowledged = documents.commit([change]);
    await sleep(100);
    proxy.rules.add({ fault: telling('UNAVAILABLE'), method: 'BatchGetDocuments' });
    for (let n = 0; n < 3; n += 1) await asking.get.ask().catch(() => undefined);
    assert.equal(state(), 'open');
    assert.equal((await acknowledged)?.length, 1);
  });

  it('tells who must act on it once, and whoever asked that it is no fault of theirs', async () => {
    proxy.rules.add({ fault: telling('PERMISSION_DENIED') });
    for (let n = 0; n < 3; n += 1) await assert.rejects(asking.get.ask(), { status: 503, retry_after_s: 30 });
    proxy.rules.clear();
    const missing = telling('FAILED_PRECONDITION', 'The query requires an index.');
    const building = telling('FAILED_PRECONDITION', 'The query requires an index. That index is currently building');
    proxy.rules.add({ fault: building, method: 'RunQuery', times: 1 });
    await assert.rejects(asking.query.ask(), { code: 'index_not_ready' });
    assert.equal(lines.length, 1);
    proxy.rules.add({ fault: missing, method: 'RunQuery' });
    for (let n = 0; n < 3; n += 1) await assert.rejects(asking.query.ask(), { code: 'index_not_ready' });
    assert.deepEqual(lines, [
      { severity: 'ERROR', alert: 'firestore_access_refused' },
      { severity: 'ERROR', alert: 'firestore_index_missing' },
    ]);
  });

  it('tells of an index that a transaction lacks too', async () => {
    proxy.rules.add({ fault: telling('FAILED_PRECONDITION', 'The query requires an index.'), method: 'RunQuery' });
    const query = { shape: 'tenants', equal: [], limit: 1 } as const;
    await assert.rejects(
      documents.transaction((scope) => scope.query(query)),
      { code: 'index_not_ready' },
    );
    assert.deepEqual(lines, [{ severity: 'ERROR', alert: 'firestore_index_missing' }]);
  });

  it('takes a database that is not there for a refusal, and a document that is not there for an answer', async () => {
    const missing = telling('NOT_FOUND', 'The database (default) does not exist for project demo-x');
    for (const [name, { ask }] of Object.entries(asking)) {
      const rule = proxy.rules.add({ fault: missing });
      await assert.rejects(ask(), { code: 'store_unavailable', retry_after_s: 30 }, name);
      assert.equal(rule.hits, 1, name);
      rule.remove();
    }
    assert.deepEqual(lines, [{ severity: 'ERROR', alert: 'firestore_access_refused' }]);
    proxy.rules.add({ fault: telling('NOT_FOUND', 'No document to update: projects/demo-x'), method: 'Commit' });
    assert.equal(await documents.commit([creation()]), null);
    await assert.rejects(asking.transaction.ask(), { code: 5 });
  });

  it('sheds what is over quota: one attempt for each request, and times to come back that differ', async () => {
    const rule = proxy.rules.add({ fault: telling('RESOURCE_EXHAUSTED') });
    const settled = await Promise.allSettled(Array.from({ length: 40 }, asking.commit.ask));
    const told = settled.map((one) =>
      one.status === 'rejected' && one.reason instanceof Problem ? one.reason.retry_after_s : 0,
    );
    assert.equal(rule.hits, 40);
    assert(new Set(told).size > 5 && told.every((seconds = 0) => seconds >= 5 && seconds < 20), told.join());
  });

  it('gives a silent store up at its deadline, and asks it nothing more', async () => {
    proxy.pause();
    const started_ms = performance.now();
    const asked = [...Array.from({ length: 5 }, () => asking.get.ask()), asking.commit.ask()];
    for (const one of await Promise.allSettled(asked)) assert.equal(one.status, 'rejected');
    assert(performance.now() - started_ms < SHORT_MS + 500);
    assert.deepEqual([state(), proxy.counts.calls()], ['open', 6]);
    proxy.resume();
    await sleep(2_000);
    await asking.get.ask();
    assert.equal(state(), 'closed');
  });
});
