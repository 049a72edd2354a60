import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { MINUTE_MS } from '@bas/core/clock';
import { CONCERN_OF } from '@bas/core/cutover/cloud-minutes';
import { actionOf } from '@bas/core/http/request-log';
import { doors } from '../src/doors.ts';
import { CloudMonitoring, HIDDEN_MS, type Sample } from './support/cloud-monitoring.ts';
import { finished } from './support/command.ts';
import type { GuardTold } from './support/guard-cloud.worker.ts';

const WORKER = join(import.meta.dirname, 'support/guard-cloud.worker.ts');
const PROJECT = 'demo-guard';

describe('the guard of a home on Firestore alone', function () {
  this.timeout(60_000);
  let cloud: CloudMonitoring;
  before(async () => (cloud = await CloudMonitoring.start()));
  after(() => cloud.api.stop());
  beforeEach(() => Object.assign(cloud, { samples: [], failure: null }));

  async function guarded(args: readonly string[] = [cloud.api.endpoint], env = cloud.api.env): Promise<GuardTold> {
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [WORKER, PROJECT, ...args], { env: { PATH, ...env } });
    const { code, stdout, stderr } = await finished(child);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as GuardTold;
  }

  /** In the middle of the minute that began so long before what is hidden yet. */
  const ago = (minutes: number): number => {
    const now_ms = Date.now() - HIDDEN_MS;
    return now_ms - (now_ms % MINUTE_MS) - (minutes - 0.5) * MINUTE_MS;
  };
  const sample = (name: string, minutes_ago: number, value: Sample['value'], labels = {}): Sample => ({
    metric: `logging.googleapis.com/user/${name}`,
    at_ms: ago(minutes_ago),
    value,
    labels,
  });
  const answered = (action: string, outcome: string, minutes_ago: number, count: number): Sample =>
    sample('bas_requests', minutes_ago, count, { action, outcome });
  const looked = (minutes_ago: number, latency_ms: number): Sample =>
    sample('bas_last_100_ms', minutes_ago, [latency_ms, latency_ms]);

  const told = ({ lines }: GuardTold): string[] => lines.map(({ severity, message }) => `${severity} ${message}`);

  it('tells nothing while all is well', async () => {
    cloud.samples = [
      answered('telemetry.recent.get', 'success', 1, 1_000),
      answered('telemetry.recent.get', 'failure', 1, 20),
      answered('health.get', 'failure', 1, 500),
      answered('login.post', 'refused', 1, 400),
      sample('bas_failures', 1, 3, { action: 'telemetry.recent.get', code: 'index_not_ready' }),
      ...Array.from({ length: 14 }, (_, at) => looked(at + 1, 900)),
    ];
    assert.deepEqual(await guarded(), { result: { fired: [], unread: null }, lines: [] });
  });

  it('tells of failures by concern, as a box would', async () => {
    cloud.samples = [answered('login.post', 'success', 2, 90), answered('session.get', 'failure', 1, 10)];
    assert.deepEqual(told(await guarded()), [
      'ERROR rollback trigger error_rate: auth: 10 of 100 Firestore operations failed in 5 minutes (10.0 %, limit 2 %)',
    ]);
  });

  it('leaves a minute of which only the beginning is to be seen to a later run', async () => {
    // The guard must run in the minute that the sample is of.
    const left_ms = MINUTE_MS - (Date.now() % MINUTE_MS);
    if (left_ms < 15_000) await sleep(left_ms);
    cloud.samples = [answered('login.post', 'failure', 0.45, 90)];
    assert.deepEqual(told(await guarded()), []);
  });

  it('tells of an index that is not ready in two minutes running', async () => {
    const refused = (minutes_ago: number): Sample =>
      sample('bas_failures', minutes_ago, 2, { action: 'audit.get', code: 'index_not_ready' });
    cloud.samples = [refused(1), refused(2)];
    assert.deepEqual(told(await guarded()), [
      'ERROR rollback trigger index_unusable: audit: 4 queries in 2 consecutive minutes found no index',
    ]);
  });

  it('tells of a tenant leak', async () => {
    cloud.samples = [sample('bas_tenant_leaks', 20, 1, { function: 'recentTelemetry' })];
    const [line] = told(await guarded());
    assert.match(line ?? '', /^ERROR rollback trigger tenant_leak: Firestore gave 1 document of another tenant/);
  });

  it('tells of fifteen slow minutes', async () => {
    cloud.samples = Array.from({ length: 15 }, (_, at) => looked(at + 1, 900));
    const [line] = told(await guarded());
    assert.match(line ?? '', /^ERROR rollback trigger slo: "last 100" was over P50 300 ms or P95 800 ms in each of 15/);
  });

  it('says what it could not see, and judges what it counted itself', async () => {
    cloud.failure = { code: status.PERMISSION_DENIED, details: 'no' };
    const reason =
      'Cloud Monitoring of demo-guard refused: give roles/monitoring.viewer to a person who asks, and run infra/provision --project demo-guard --env ENV for the account of the functions.';
    const found = await guarded();
    assert.deepEqual(found.result, { fired: [], unread: reason });
    assert.deepEqual(told(found), [`WARNING judged by this instance's own counters alone: ${reason}`]);
  });

  it('runs as it is scheduled, and goes by its own counters where there are no credentials', async () => {
    const found = await guarded([], { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json' });
    assert.equal(found.result, 'nothing to do: no box is moving here; only this instance was judged');
    assert.match(
      told(found)[0] ?? '',
      /^WARNING .*Cloud Monitoring of demo-guard was not asked, for there are no cred/,
    );
  });

  it('knows the concern of every route whose answers rest on a store', async () => {
    const without = new Set(['cutover', 'health', 'openapi', 'usage']);
    const opened = await Promise.all(Object.values(doors).map((load) => load()));
    const words = opened.flatMap(({ default: { routes } }) =>
      routes.map((route) => actionOf(route).split('.')[0] ?? ''),
    );
    const known = new Set(words.filter((word) => !without.has(word)));
    assert.deepEqual([...known].sort(), Object.keys(CONCERN_OF).sort());
  });
});
