import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Driver from 'better-sqlite3';
import * as z from 'zod';
import type { Door } from '@bas/core';
import { readDemo, type Demo } from '@bas/core/demo/file';
import { actionOf } from '@bas/core/http/request-log';
import { SEVERITIES } from '@bas/core/observability/log';
import { loadDoors } from '@bas/core/serve/routes';
import { doors } from '../src/doors.ts';
import { CANARY, CanarySender, foundIn } from './support/canary.ts';
import { canaryTraffic, visitOthers } from './support/canary-traffic.ts';
import { homeEnv, serve, type Served } from './support/command.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import { STORES, type StoreName } from './support/server.ts';

const Line = z.looseObject({
  severity: z.enum(SEVERITIES),
  message: z.string(),
  time: z.iso.datetime(),
  stack: z.string().optional(),
  httpRequest: z.unknown().optional(),
});
type Line = z.infer<typeof Line>;

/** Every field that a request's line may have, and no other. */
const Request = z.strictObject({
  severity: z.enum(['INFO', 'NOTICE', 'ERROR']),
  message: z.string().regex(/^[A-Z]+ [\w/{}.]+ \d{3}$/),
  time: z.iso.datetime(),
  function: z.string(),
  action: z.string().regex(/^[a-z_.]+$/),
  outcome: z.enum(['success', 'unchanged', 'refused', 'failure']),
  code: z.string().optional(),
  tenant_id: z.string().optional(),
  device_id: z.string().optional(),
  user: z.string().optional(),
  reads: z.int(),
  writes: z.int(),
  deletes: z.int().optional(),
  latency_ms: z.number(),
  last_100: z.literal(true).optional(),
  request_id: z.uuid(),
  httpRequest: z.strictObject({
    requestMethod: z.string(),
    requestUrl: z
      .string()
      .regex(/^\/[\w/{}.]*$/)
      .optional(),
    status: z.int(),
    responseSize: z.string().regex(/^\d+$/),
    protocol: z.literal('HTTP/1.1'),
    latency: z.string().regex(/^\d+\.\d{4}s$/),
  }),
  'logging.googleapis.com/labels': z.strictObject({ function: z.string(), build: z.string() }),
});
type Request = z.infer<typeof Request>;

/** What a store might say when it fails: everything it was given. */
const TELLTALE = `cannot store ${CANARY.username} <${CANARY.mail}> at documents/usernames/acme~${CANARY.username} "${CANARY.tag}"`;

describe('the log of a box', function () {
  this.timeout(120_000);
  let folder: string;
  let proxy: GrpcProxy | undefined;
  let served: Served | undefined;
  let sender: CanarySender;
  let every: readonly Door[];
  let printed: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-canary-'));
    every = await loadDoors(doors);
    printed = '';
  });
  afterEach(async () => {
    sender.close();
    served?.child.kill('SIGKILL');
    await served?.ended;
    await proxy?.close();
    [served, proxy] = [undefined, undefined];
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(store: StoreName): Promise<Demo> {
    const home = homeEnv(store);
    if (store === 'firestore') proxy = await startGrpcProxy(home['FIRESTORE_EMULATOR_HOST'] ?? '');
    // An emulator is named in both, so that details of every request are told.
    const env = { ...home, FIRESTORE_EMULATOR_HOST: proxy?.host ?? '127.0.0.1:9', TRUSTED_PROXY_HOPS: '1' };
    const args = ['--demo', '--log-requests', '--data', folder];
    served = await serve(args, { ...env, LOG_DEBUG_PERCENT: '100' });
    for (const out of [served.child.stdout, served.child.stderr]) out.on('data', (text) => (printed += String(text)));
    sender = new CanarySender(served.url);
    const demo = await readDemo(join(folder, 'demo.json'));
    assert.ok(demo);
    return demo;
  }

  /** From now on the store fails in the words of its clients. */
  function failTelling(): void {
    if (proxy !== undefined) {
      proxy.rules.add({ fault: { kind: 'status', status: 'PERMISSION_DENIED', message: TELLTALE }, method: 'Commit' });
      return;
    }
    const file = new Driver(join(folder, 'bas.sqlite'));
    const words = TELLTALE.replaceAll("'", "''");
    file.exec(`CREATE TRIGGER telltale BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, '${words}'); END`);
    file.close();
  }

  async function failedRequest({ tenants: [acme] }: Demo): Promise<number> {
    const administrator = acme?.users.find(({ role }) => role === 'admin');
    const headers = await sender.signIn(acme?.tenant_id ?? '', 'admin', administrator?.password ?? '');
    failTelling();
    const { username, password } = { username: `${CANARY.username}-2`, password: CANARY.password };
    return (await sender.send('POST', '/v1/users', { headers, json: { username, password, role: 'viewer' } })).status;
  }

  for (const store of STORES) {
    it(`holds no canary on ${store}, and one line for each request`, async () => {
      const demo = await started(store);
      await canaryTraffic(sender, demo);
      await visitOthers(sender, demo, every, new Set(requestsIn(printed).map(({ action }) => action)));
      const audit = await auditOf(demo);
      assert.ok((await failedRequest(demo)) >= 500);
      assert.equal((await served?.stop())?.code, 0);
      for (const line of printed.split('\n')) assert.deepEqual(foundIn(line, sender.secrets), [], line);
      const requests = requestsIn(printed);
      assert.equal(requests.length, sender.sent);
      everyRouteIsTold(requests);
      assert.ok(audit.includes(CANARY.address) && audit.includes(CANARY.user_agent));
    });
  }

  async function auditOf({ tenants: [acme] }: Demo): Promise<string> {
    const administrator = acme?.users.find(({ role }) => role === 'admin');
    const headers = await sender.signIn(acme?.tenant_id ?? '', 'admin', administrator?.password ?? '');
    return (await sender.send('GET', '/v1/audit?limit=500', { headers })).text;
  }

  function everyRouteIsTold(requests: readonly Line[]): void {
    const told = new Set(requests.map(({ action }) => action));
    const untold = every.flatMap(({ routes }) => routes.map(actionOf)).filter((action) => !told.has(action));
    assert.deepEqual(untold, []);
    for (const outcome of ['success', 'refused', 'failure']) {
      assert.ok(
        requests.some((line) => line.outcome === outcome),
        outcome,
      );
    }
    const lines = linesIn(printed);
    assert.ok(lines.some(({ severity, stack }) => severity === 'ERROR' && stack?.includes('cannot store')));
    assert.ok(lines.some(({ severity }) => severity === 'DEBUG'));
    assert.ok(requests.some(({ user }) => user === 'c*** (9-16)'));
  }
});

/** The lines of the log, without what `serve` says to whoever starts it. */
function linesIn(printed: string): readonly Line[] {
  return printed
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => Line.parse(JSON.parse(text)));
}

function requestsIn(printed: string): readonly Request[] {
  return linesIn(printed).flatMap((line) => (line.httpRequest === undefined ? [] : [Request.parse(line)]));
}
