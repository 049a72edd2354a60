import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import * as z from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { CloudMonitoring, type Sample } from './support/cloud-monitoring.ts';
import { run, type Finished } from './support/command.ts';

const PROJECT = 'demo-slo';
const LOGGED = 'logging.googleapis.com/user/';

const Printed = z.object({
  requests: z.number(),
  failures: z.number(),
  timed: z.number(),
  reads_per_minute: z.number(),
  levels: z.record(z.string(), z.object({ measured: z.number().nullable() })),
  breached: z.array(z.string()),
});

describe('npm run slo, on Cloud Monitoring', function () {
  this.timeout(60_000);
  let cloud: CloudMonitoring;
  before(async () => (cloud = await CloudMonitoring.start()));
  after(() => cloud.api.stop());
  beforeEach(() => Object.assign(cloud, { samples: [], failure: null, silent: false }));

  const slo = (args: readonly string[], env = cloud.api.env): Promise<Finished> =>
    run('slo', ['--project', PROJECT, '--endpoint', cloud.api.endpoint, ...args], { env });

  const answers = (at_ms: number, response_code_class: string, value: number): Sample => ({
    metric: 'run.googleapis.com/request_count',
    labels: { response_code_class, response_code: `${response_code_class[0] ?? ''}00` },
    at_ms,
    value,
  });
  const latencies = (at_ms: number, value: readonly number[], labels = {}): Sample => ({
    metric: `${LOGGED}bas_latency_ms`,
    labels: { action: 'telemetry.recent.get', outcome: 'success', ...labels },
    at_ms,
    value,
  });
  const reads = (at_ms: number, value: readonly number[], action = 'telemetry.recent.get'): Sample => ({
    metric: `${LOGGED}bas_reads`,
    labels: { action },
    at_ms,
    value,
  });

  it('sums what all instances answered, by questions that the API allows', async () => {
    const at_ms = Date.now() - 10 * MINUTE_MS;
    cloud.samples = [
      answers(at_ms, '2xx', 900),
      answers(at_ms - MINUTE_MS, '2xx', 95),
      answers(at_ms, '4xx', 100),
      answers(at_ms, '5xx', 3),
      answers(at_ms - 2 * HOUR_MS, '5xx', 500),
      latencies(at_ms, new Array<number>(60).fill(50)),
      latencies(at_ms - 5 * MINUTE_MS, new Array<number>(40).fill(250)),
      latencies(at_ms, [9_000, 9_000, 9_000], { outcome: 'failure' }),
      latencies(at_ms, [9_000, 9_000, 9_000], { action: 'telemetry.window.get' }),
      reads(at_ms, [2, 2, 2]),
      reads(at_ms, [10], 'telemetry.window.get'),
      reads(at_ms, [70], 'audit.get'),
      reads(at_ms, [90], 'telemetry.post'),
    ];
    const { code, stdout, stderr } = await slo(['--json']);
    assert.deepEqual([code, stderr], [0, '']);
    const { levels, reads_per_minute, ...counted } = Printed.parse(JSON.parse(stdout));
    assert.deepEqual(counted, { requests: 1_098, failures: 3, timed: 100, breached: [] });
    assert.ok(Math.abs(reads_per_minute - 16 / 60) < 0.01, String(reads_per_minute));
    assert.equal(levels['reads']?.measured, null);
    // 1.4 ** 11 to 1.4 ** 12 holds 50, and 1.4 ** 16 to 1.4 ** 17 holds 250.
    const [low, high] = [1.4 ** 11, 1.4 ** 12];
    assert.ok(Math.abs((levels['p50_ms']?.measured ?? 0) - (low + ((high - low) * 50) / 60)) < 1e-6);
    const [from, to] = [1.4 ** 16, 1.4 ** 17];
    assert.ok(Math.abs((levels['p95_ms']?.measured ?? 0) - (from + ((to - from) * 35) / 40)) < 1e-6);
  });

  it('is 1 on a breach', async () => {
    cloud.samples = [answers(Date.now() - 5 * MINUTE_MS, '2xx', 99), answers(Date.now() - 5 * MINUTE_MS, '5xx', 1)];
    const { code, stdout } = await slo(['--window', '15m']);
    assert.equal(code, 1);
    assert.match(stdout, /^The last 15m, .*, from Cloud Monitoring of demo-slo$/m);
    assert.match(stdout, /^ {2}availability +99 % +at least 99\.5 % +BREACHED$/m);
    assert.match(stdout, /^Breached: availability\.$/m);
  });

  it('reports a week by day', async () => {
    const midnight_ms = Date.now() - (Date.now() % DAY_MS);
    cloud.samples = [
      answers(midnight_ms - 2.5 * DAY_MS, '2xx', 1_000),
      answers(midnight_ms - 0.5 * DAY_MS, '2xx', 400),
      answers(midnight_ms - 0.5 * DAY_MS, '5xx', 1),
      answers(midnight_ms - 7.5 * DAY_MS, '5xx', 100),
      latencies(midnight_ms - 0.5 * DAY_MS, [20, 20]),
    ];
    const { code, stdout } = await slo(['--weekly']);
    assert.equal(code, 0, stdout);
    const rows = stdout.split('\n').filter((line) => line.startsWith('| '));
    assert.match(rows[6] ?? '', / \| 1,000 \| 0 \| 100 % \| no data \| no data \| no data \|$/);
    assert.match(rows[8] ?? '', / \| 401 \| 1 \| 99\.75 % \| [\d.]+ ms \| [\d.]+ ms \| no data \|$/);
    assert.match(rows[9] ?? '', /^\| \*\*Week\*\* \| 1,401 \| 1 \| 99\.928 % \|/);
  });

  const failures = {
    'Cloud Monitoring of demo-slo refused: give the account that asks roles/monitoring.viewer.': {
      code: status.PERMISSION_DENIED,
      details: "Permission 'monitoring.timeSeries.list' denied",
    },
    'Cloud Monitoring of demo-slo has no such metric or project: check the name, and run infra/provision for its log metrics.':
      { code: status.NOT_FOUND, details: 'Cannot find metric(s) that match type = "…"' },
    'Cloud Monitoring of demo-slo did not answer: check the network, and that monitoring.googleapis.com can be reached.':
      { code: status.UNAVAILABLE, details: 'away' },
  };
  for (const [told, failure] of Object.entries(failures)) {
    it(`is 3 when nothing could be measured: ${told}`, async () => {
      cloud.failure = failure;
      assert.deepEqual(await slo([]), { code: 3, stdout: '', stderr: `${told}\n` });
    });
  }

  it('is 3 when nobody listens, when nobody answers, and without credentials, in bounded time', async () => {
    cloud.silent = true;
    const nobody = ['--endpoint', 'localhost:9'];
    const found = await Promise.all([
      slo([]),
      slo(nobody),
      slo([], { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json', GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: '/dev/null' }),
    ]);
    assert.deepEqual(
      found.map(({ code, stdout }) => [code, stdout]),
      [
        [3, ''],
        [3, ''],
        [3, ''],
      ],
    );
    const [silent, away, nameless] = found.map(({ stderr }) => stderr);
    for (const one of [silent, away])
      assert.match(one ?? '', /^Cloud Monitoring of demo-slo did not answer: [^\n]+\n$/);
    assert.match(nameless ?? '', /no credentials: run gcloud auth application-default login[^\n]+\n$/);
  });
});
