import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudLogging } from './support/cloud-logging.ts';
import { HttpClient } from './support/client.ts';
import { run, serve, type Served } from './support/command.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('a box that ships its log', function () {
  this.timeout(60_000);
  let folder: string;
  let cloud: CloudLogging;
  let served: Served | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-shipping-'));
    cloud = await CloudLogging.start();
  });
  afterEach(async () => {
    served?.child.kill('SIGKILL');
    await served?.ended;
    served = undefined;
    cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(args: readonly string[], env = {}): Promise<Served> {
    served = await serve(['--data', folder, ...args], { GCP_PROJECT_ID: 'demo-logs', ...cloud.env, ...env });
    return served;
  }

  async function ask(url: string, times: number): Promise<readonly number[]> {
    const client = new HttpClient(url);
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01` };
    const latencies_ms: number[] = [];
    for (let at = 0; at < times; at += 1) {
      const started_ms = performance.now();
      assert.equal((await client.send('GET', '/v1/health?canary=1', { headers })).status, 400);
      latencies_ms.push(performance.now() - started_ms);
    }
    client.close();
    return latencies_ms;
  }

  it('sends every request with its own credentials, as the line on its standard error says it', async () => {
    const { url, stop } = await started(['--ship-logs', '--log-requests']);
    await ask(url, 3);
    const { code, stderr } = await stop();
    assert.equal(code, 0);
    const [first] = cloud.written;
    assert.equal(first?.logName, 'projects/demo-logs/logs/bas');
    assert.deepEqual([first.resource.type, first.resource.labels['project_id']], ['generic_node', 'demo-logs']);
    assert.match(cloud.credentials[0] ?? '', /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
    const entries = cloud.written.flatMap((written) => written.entries);
    const shipped = entries.find(({ httpRequest }) => httpRequest !== undefined);
    const line = JSON.parse(stderr.split('\n').find((text) => text.includes('httpRequest')) ?? '{}') as Record<
      string,
      unknown
    >;
    assert.deepEqual(asLine(shipped ?? {}), line);
    assert.equal(entries.filter(({ httpRequest }) => httpRequest !== undefined).length, 3);
    assert.equal(line['logging.googleapis.com/trace'], `projects/demo-logs/traces/${TRACE}`);
  });

  it('answers as ever while Cloud Logging is away, says so once, and ends in time', async () => {
    cloud.away = true;
    const { url, stop } = await started([], { LOG_TO_CLOUD: '1' });
    const latencies_ms = await ask(url, 300);
    assert.ok(Math.max(...latencies_ms) < 1_000, String(Math.max(...latencies_ms)));
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    await ask(url, 10);
    const stopping_ms = performance.now();
    const { code, stderr } = await stop();
    assert.ok(performance.now() - stopping_ms < 8_000);
    assert.equal(code, 0);
    const told = stderr
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    assert.deepEqual(
      told.map(({ severity, message }) => [severity, message]),
      [
        ['WARNING', 'No tenant yet: npm run admin -- create-tenant --help'],
        ['WARNING', 'the log cannot be shipped'],
        ['WARNING', 'the log was not shipped to its end'],
      ],
    );
    // The requests, the line about tenants, and what schedules did meanwhile.
    const lost = Number(told[2]?.['lost_lines']);
    assert.ok(lost >= 311 && lost < 330, String(lost));
    assert.deepEqual(cloud.written, []);
    // With pauses of a second and more, and no tries of the SDK's own between them.
    assert.ok(cloud.calls > 2 && cloud.calls < 10, String(cloud.calls));
  });

  it('ships why it ends when it ends by itself', async () => {
    const dies = 'process.once("SIGUSR2",()=>{throw new Error("undone")})';
    const { child, ended } = await started(['--ship-logs'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(dies)}`,
    });
    child.kill('SIGUSR2');
    assert.equal((await ended).code, 1);
    const fatal = cloud.written.flatMap(({ entries }) => entries).filter(({ severity }) => severity === 'CRITICAL');
    assert.deepEqual(
      fatal.map(({ jsonPayload }) => String(plain(jsonPayload)['stack']).split('\n')[0]),
      ['Error: undone'],
    );
  });

  it('wants to know the project', async () => {
    const { code, stderr } = await run('serve', ['--data', folder, '--port', '0', '--ship-logs']);
    assert.deepEqual([code, stderr], [1, 'GCP_PROJECT_ID: name the project whose Cloud Logging takes the log.\n']);
  });
});

/** A shipped entry as the line that would say the same. */
function asLine(entry: Record<string, unknown>): Record<string, unknown> {
  const { timestamp, httpRequest, jsonPayload, trace, spanId, traceSampled, labels, severity } = entry;
  const { latency, ...http } = httpRequest as Record<string, unknown>;
  return {
    severity,
    time: new Date(millisOf(timestamp)).toISOString(),
    ...plain(jsonPayload),
    httpRequest: { ...http, latency: `${(millisOf(latency) / 1_000).toFixed(4)}s` },
    'logging.googleapis.com/labels': labels,
    'logging.googleapis.com/trace': trace,
    'logging.googleapis.com/spanId': spanId,
    'logging.googleapis.com/trace_sampled': traceSampled,
  };
}

function millisOf(moment: unknown): number {
  const { seconds = 0, nanos = 0 } = moment as { seconds?: string; nanos?: number };
  return Number(seconds) * 1_000 + nanos / 1e6;
}

function plain(struct: unknown): Record<string, unknown> {
  const { fields } = struct as { fields: Record<string, Record<string, unknown>> };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Object.values(value)[0]]));
}
