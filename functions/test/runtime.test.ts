/** Functions as the framework of Cloud Functions runs them, without the packing of a deploy. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
