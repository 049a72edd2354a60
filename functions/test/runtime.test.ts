/** Functions as the framework of Cloud Functions runs them, without the packing of a deploy. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFunction, type RunningFunction } from './deploy/deployed.ts';
import { until } from './support/moving-box.ts';

const FUNCTIONS = join(import.meta.dirname, 'support/dying-functions.ts');

describe('a function', function () {
  this.timeout(60_000);
  let folder: string;
  let running: RunningFunction | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-function-'));
  });
  afterEach(async () => {
    await running?.stop();
    rmSync(folder, { recursive: true });
  });

  async function started(name: string, env = {}): Promise<RunningFunction> {
    return (running = await startFunction(folder, name, { FUNCTION_SOURCE: FUNCTIONS, ...env }));
  }

  for (const how of ['throws', 'rejects']) {
    it(`ends, and tells why without values, when nobody catches what it ${how}`, async () => {
      const { client, pid, printed } = await started(how, { SQLITE_FILE: join(folder, 'bas.sqlite') });
      const answer = await client.send('GET', '/v1/health').catch(() => null);
      await until(() => !isAlive(pid));
      const told = printed()
        .split('\n')
        .filter((line) => line.startsWith('{'));
      assert.deepEqual(
        told.map((line) => (JSON.parse(line) as Record<string, unknown>)['severity']),
        ['CRITICAL'],
      );
      assert.doesNotMatch(`${printed()}${answer?.text ?? ''}`, /canary/);
    });
  }

  it('answers a path that cannot be decoded as any that is nowhere, and writes nothing of it down', async () => {
    const { client, printed } = await started('answers', { SQLITE_FILE: join(folder, 'bas.sqlite') });
    const before = printed().length;
    for (const path of ['/%ffcanary', '/v1/%E0%A4%A/canary']) {
      const { status, code, headers } = await client.send('GET', path);
      assert.deepEqual([status, code, headers['cache-control']], [404, 'not_found', 'private, no-store']);
    }
    assert.doesNotMatch(printed().slice(before), /canary|URIError/);
  });

  it('answers a request that expects what nobody knows', async () => {
    const { client } = await started('answers', { SQLITE_FILE: join(folder, 'bas.sqlite') });
    const { status } = await client.send('GET', '/v1/health', { headers: { expect: 'miracles' } });
    assert.equal(status, 200);
  });

  it('keeps no body that it does not want, however many come at once', async () => {
    const { client, pid, printed } = await started('answers', { SQLITE_FILE: join(folder, 'bas.sqlite') });
    await client.send('GET', '/v1/health');
    const [, port = ''] = /:(\d+)\//.exec(printed()) ?? [];
    const before = residentBytes(pid);
    const body = Buffer.alloc(LARGE_BYTES, 'x');
    const post = () =>
      fetch(`http://127.0.0.1:${port}/v1/health`, { method: 'POST', body, headers: JSON_TYPE }).catch(() => null);
    await Promise.all(Array.from({ length: 12 }, post));
    const more = residentBytes(pid) - before;
    assert(more < 3 * LARGE_BYTES, `${String(more)} bytes more`);
  });

  it('that cannot start answers with the headers of any answer', async () => {
    const { client } = await started('answers');
    const { status, code, headers, member } = await client.send('GET', '/v1/health');
    assert.deepEqual([status, code], [500, 'internal']);
    assert.deepEqual(
      ['cache-control', 'vary', 'x-content-type-options', 'x-request-id'].map((name) => headers[name]),
      ['private, no-store', 'Cookie, X-BAS-Tenant', 'nosniff', member('request_id')],
    );
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };
const LARGE_BYTES = 24 * 1_048_576;

/** Most that the process ever had in memory. */
function residentBytes(pid: number): number {
  const [, kib = ''] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return Number(kib) * 1_024;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
