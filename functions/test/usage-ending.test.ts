/** What an instance has counted when it is told to end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageDay } from '@bas/core/model/usage';
import { Meter } from '@bas/core/observability/meter';
import { HttpClient } from './support/client.ts';
import { homeEnv } from './support/command.ts';
import { inhabit } from './support/inhabit.ts';
import { deviceCaller } from './support/people.ts';
import { STORES } from './support/server.ts';

const WORKER = join(import.meta.dirname, 'support/ending.worker.ts');

describe('an instance that is told to end', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-ending-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  for (const store of STORES) {
    it(`writes on ${store} what it has counted, and then ends as it would have`, async () => {
      const env = { SQLITE_FILE: join(folder, 'bas.sqlite'), ...homeEnv(store) };
      const { suite, device } = await inhabit(env);
      const { PATH = '' } = process.env;
      const child = spawn(process.execPath, [WORKER], { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      const client = new HttpClient(`http://127.0.0.1:${port.trim()}`);
      const { tenant_id, device_id, key } = device;
      const points = [{ timestamp_ms: Date.now(), metrics: { celsius: 21.5 } }];
      const answer = await deviceCaller(client, tenant_id, key).post('/v1/telemetry', { device_id, points });
      assert.equal(answer.status, 200, answer.text);
      client.close();
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [7, null]);
      const { usage } = (await suite.backend()).withMeter(new Meter()).forTenant(tenant_id);
      const day = usageDay(points[0]?.timestamp_ms ?? 0);
      const [part] = await usage.list({ day, shard: 0 }, day, 1);
      const [row, ...others] = part?.rows.filter((one) => one.device_id !== null) ?? [];
      assert.deepEqual(others, []);
      assert.deepEqual([row?.function, row?.device_id, row?.points], ['ingestTelemetry', device_id, 1]);
      if (store === 'firestore') assert.equal(row?.writes, Number(answer.headers['x-write-count']));
      await suite.close();
    });
  }
});
