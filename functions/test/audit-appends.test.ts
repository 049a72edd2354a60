/** Sealing costs whoever appends nothing: no document of a tenant is shared, so nobody waits and nobody tries again. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sealTenant, SETTLED_MS } from '@bas/core/audit/sealing';
import { Meter } from '@bas/core/observability/meter';
import { connect } from '@bas/core/stores/firestore/client';
import { emulatorHost, freshProject } from '@bas/core/stores/firestore/harness';
import { firestoreBackend } from '@bas/core/stores/firestore/open';
import { ACME, anEvent, NOW_MS } from '@bas/core/stores/suite/fixtures';
import { rootDir } from './support/command.ts';
import { startGrpcProxy } from './support/grpc-proxy.ts';

const APPENDS = 100;

describe('appending to the audit log', function () {
  this.timeout(60_000);

  it(`takes one commit each for ${APPENDS} at once, while the tenant is sealed`, async () => {
    await using opened = new AsyncDisposableStack();
    const proxy = await startGrpcProxy(emulatorHost());
    opened.defer(() => proxy.close());
    const project_id = freshProject();
    const clock = { now_ms: () => NOW_MS };
    const open = () => firestoreBackend(connect(project_id, proxy.host), { clock, cache: 'all' });
    const backends = await proxy.lead(() => [open(), open()] as const);
    const audit = (n: number) => backends[n % 2 === 0 ? 0 : 1].withMeter(new Meter()).forTenant(ACME).audit;
    for (const backend of backends) opened.defer(() => backend.close());
    for (const n of [0, 1]) await audit(n).append(anEvent({ timestamp_ms: NOW_MS - SETTLED_MS - 1 }));
    proxy.counts.reset();
    const events = Array.from({ length: APPENDS }, () => anEvent());
    const [sealed] = await Promise.all([
      sealTenant(audit(0), ACME, NOW_MS),
      ...events.map((event, n) => audit(n).append(event)),
    ]);
    assert.equal(sealed.length, 1);
    assert.deepEqual([proxy.counts.calls('Commit'), proxy.counts.writes], [APPENDS + 1, APPENDS + 1]);
    // The seal's: where the chain stands, and what is to be sealed.
    assert.equal(proxy.counts.calls(), APPENDS + 1 + 2);
  });
});

describe('the audit log in the sources', () => {
  const core = join(rootDir, 'functions/core');
  const having = (pattern: RegExp): readonly string[] =>
    readdirSync(core, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .filter((path) => pattern.test(readFileSync(join(core, path), 'utf8')))
      .sort();

  it('is changed by nobody, and deleted from by the sweep of what has expired alone', () => {
    assert.deepEqual(having(/UPDATE\s+audit_log\b|REPLACE\s+INTO\s+audit_log\b/), []);
    assert.deepEqual(having(/DELETE\s+FROM\s+audit_log\b/), ['stores/sqlite/sweeps.ts']);
    const named = ['audit.ts', 'import.ts', 'mirrored-rows.ts', 'paths.ts'].map((name) => `stores/firestore/${name}`);
    assert.deepEqual(having(/\bauditEvent[:(]/), named);
    const text = (name: string) => readFileSync(join(core, 'stores/firestore', name), 'utf8');
    assert.doesNotMatch(text('audit.ts'), /kind: '(update|put|delete)'/);
    assert.match(text('import.ts'), /paths\.auditEvent\(event_id\)\)\)/);
    assert.match(text('mirrored-rows.ts'), /case 'audit':\s+return \[\{ kind: 'put'/);
  });
});
