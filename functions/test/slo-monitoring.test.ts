import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import * as z from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { NOTHING_SERVED } from '@bas/core/observability/service-counts';
import { openServiceHistory } from '@bas/core/stores/open';
import { CloudMonitoring, type Sample } from './support/cloud-monitoring.ts';
import { run, type Finished } from './support/command.ts';

const PROJECT = 'demo-slo';
const LOGGED = 'logging.googleapis.com/user/';
const NOBODY = { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json', GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: '/dev/null' };

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
  const latencies = (at_ms: number, value: readonly number[]): Sample => ({
    metric: `${LOGGED}bas_last_100_ms`,
    labels: {},
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
      { ...latencies(at_ms, [9_000, 9_000, 9_000]), metric: `${LOGGED}bas_latency_ms` },
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
    // Half of all is the 50th of the 60 between 50 and 100 ms, and 95 % is the 35th of the 40 between 200 and 300.
    assert.ok(Math.abs((levels['p50_ms']?.measured ?? 0) - (50 + (50 * 50) / 60)) < 1e-6);
    assert.ok(Math.abs((levels['p95_ms']?.measured ?? 0) - (200 + (100 * 35) / 40)) < 1e-6);
  });

  it('judges exactly, however near the limits', async () => {
    const at_ms = Date.now() - 10 * MINUTE_MS;
    const judged = async (usual_ms: number, slow_ms: number) => {
      const values = Array.from({ length: 100 }, (_, at) => (at < 80 ? usual_ms : slow_ms));
      cloud.samples = [latencies(at_ms, values)];
      return Printed.parse(JSON.parse((await slo(['--json'])).stdout)).breached;
    };
    assert.deepEqual(await judged(299, 799), []);
    assert.deepEqual(await judged(301, 801), ['p50_ms', 'p95_ms']);
  });

  it('leaves out what the scheduler calls', async () => {
    const at_ms = Date.now() - 10 * MINUTE_MS;
    cloud.samples = [
      answers(at_ms, '2xx', 100),
      { ...answers(at_ms, '2xx', 900), service: 'guardcutover' },
      { ...answers(at_ms, '5xx', 9), service: 'sweepsessions' },
    ];
    const { requests, failures } = Printed.parse(JSON.parse((await slo(['--json'])).stdout));
    assert.deepEqual([requests, failures], [100, 0]);
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
    'Cloud Monitoring of demo-slo refused: give roles/monitoring.viewer to a person who asks, and run infra/provision --project demo-slo --env ENV for the account of the functions.':
      {
        code: status.PERMISSION_DENIED,
        details: "Permission 'monitoring.timeSeries.list' denied",
      },
    'Cloud Monitoring of demo-slo has no such metric or project: check the name, and run infra/provision --project demo-slo --env ENV for its log metrics.':
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
    const found = await Promise.all([slo([]), slo(nobody), slo(['--data', '/nowhere'], NOBODY)]);
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

  describe('without credentials, beside the file of a box', () => {
    let folder: string;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'bas-slo-'));
      const { history, close } = await openServiceHistory(join(folder, 'bas.sqlite'));
      const start_ms = Date.now() - (Date.now() % MINUTE_MS) - 5 * MINUTE_MS;
      await history.save('made', [{ ...NOTHING_SERVED, start_ms, span_ms: MINUTE_MS, requests: 7 }]);
      await close();
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('tells what the box has counted, and that it does', async () => {
      const { code, stdout, stderr } = await slo(['--data', folder, '--json'], NOBODY);
      assert.equal(code, 0, stderr);
      assert.equal(Printed.parse(JSON.parse(stdout)).requests, 7);
      assert.match(stderr, /^Cloud Monitoring of demo-slo was not asked, [^\n]+ counted in \/[^\n]+\/bas\.sqlite\.\n$/);
    });

    it('does not when the cloud was asked and refused: what it would tell is another matter', async () => {
      cloud.failure = { code: status.PERMISSION_DENIED, details: 'denied' };
      const { code, stdout } = await slo(['--data', folder]);
      assert.deepEqual([code, stdout], [3, '']);
    });
  });
});
