import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { HttpClient } from './support/client.ts';
import { run, serve, type Served } from './support/command.ts';

const Printed = z.object({ requests: z.number(), failures: z.number(), timed: z.number() });

/** How often a process writes down what it counted, and as much again for a busy machine. */
const KEPT_WITHIN_MS = 10_000;

describe('what a served box counts of its answers', function () {
  this.timeout(90_000);
  let folder: string;
  let served: Served | undefined;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bas-counters-'))));
  afterEach(async () => {
    served?.child.kill('SIGKILL');
    await served?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(path: string, times: number): Promise<void> {
    if (served === undefined) throw new Error('Nothing is served.');
    const client = new HttpClient(served.url);
    for (let at = 0; at < times; at += 1) await client.send('GET', path);
    client.close();
  }

  async function counted(): Promise<z.infer<typeof Printed>> {
    const { code, stdout, stderr } = await run('slo', ['--data', folder, '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    return Printed.parse(JSON.parse(stdout));
  }

  it('is of every door, and outlives the process that counted', async () => {
    for (const asked of [3, 4]) {
      served = await serve(['--data', folder]);
      await ask('/v1/health', asked);
      await ask('/v1/telemetry/recent?device_id=ahu-1', asked);
      await ask('/v1/nowhere', asked);
      assert.equal((await served.stop()).code, 0);
    }
    assert.deepEqual(await counted(), { requests: 21, failures: 0, timed: 0 });
  });

  it('loses the last seconds at most when its process is killed', async () => {
    served = await serve(['--data', folder]);
    await ask('/v1/health', 50);
    const asked_ms = performance.now();
    while ((await counted()).requests < 50) {
      assert.ok(performance.now() - asked_ms < KEPT_WITHIN_MS, 'not counted in time');
      await sleep(200);
    }
    await ask('/v1/health', 30);
    served.child.kill('SIGKILL');
    await served.ended;
    const { requests } = await counted();
    assert.ok(requests >= 50 && requests <= 80, String(requests));
  });
});
