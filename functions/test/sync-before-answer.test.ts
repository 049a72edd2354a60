/** That what a device is told to be stored is on the disk by then, as the kernel sees it. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureStrace } from '../../scripts/lib/strace.ts';
import { CrashBox, TENANT } from '../crash/box.ts';
import { Caller, HttpClient } from './support/client.ts';
import { rootDir } from './support/command.ts';
import { deviceCaller } from './support/people.ts';
import { until } from './support/moving-box.ts';

const POSTS = 5;
/** What is written, synced and answered; file and socket by name. */
const CALLS = 'trace=write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync';

type Step = 'written' | 'synced' | 'answered';

describe('an acknowledged point', function () {
  this.timeout(90_000);
  const box = new CrashBox();
  const log = join(box.folder, 'strace.txt');
  let child: ChildProcess | undefined;

  before(() => ensureStrace());
  after(async () => {
    if (child?.pid !== undefined) {
      const exited = once(child, 'exit');
      // With what it traces, which would outlive it.
      process.kill(-child.pid, 'SIGKILL');
      await exited;
    }
    await box.remove();
  });

  /** The box under strace, which passes signals on and ends with it. */
  async function traced(): Promise<string> {
    const serve = [process.execPath, join(rootDir, 'scripts/serve.ts'), '--port', '0', '--data', box.folder];
    child = spawn(await ensureStrace(), ['-f', '-yy', '-s', '64', '-e', CALLS, '-o', log, ...serve], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { stdout } = child;
    assert(stdout !== null);
    for await (const line of createInterface({ input: stdout })) {
      const url = /http\S+/.exec(line)?.[0];
      if (url === undefined) continue;
      stdout.resume();
      return url;
    }
    return assert.fail('it did not start');
  }

  /** In the order in which they were done. */
  function steps(): readonly Step[] {
    return readFileSync(log, 'utf8')
      .split('\n')
      .flatMap((line): Step[] => {
        if (/ pwrite64\(\d+<[^>]*bas\.sqlite-wal>/.test(line)) return ['written'];
        if (/ f(data)?sync\(\d+<[^>]*bas\.sqlite-wal>/.test(line)) return ['synced'];
        return /<TCP[^"]*"HTTP\/1\.1 200 /.test(line) ? ['answered'] : [];
      });
  }

  it('was synced to the write-ahead log after it was written and before it was acknowledged', async () => {
    const operator = await box.furnish();
    const client = new HttpClient(await traced());
    const registered = await new Caller(client, operator).post('/v1/devices', { device_id: 'pump' });
    const device = deviceCaller(client, TENANT, String(registered.member('key')));
    const before = steps().length;
    for (let post = 0; post < POSTS; post += 1) {
      const points = [{ timestamp_ms: Date.now(), metrics: { post } }];
      assert.equal((await device.post('/v1/telemetry', { device_id: 'pump', points })).status, 200);
    }
    client.close();
    const answers = () => steps().slice(before);
    await until(() => answers().filter((step) => step === 'answered').length >= POSTS);
    const told = answers().join(' ').split('answered').slice(0, POSTS);
    for (const one of told) assert.match(one, /written( written)* synced *$/);
  });
});
