/** A served demo that an operator moves by the command line: real processes, a file and a project of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo, type Demo } from '@bas/core/demo/file';
import { connectWitness, emulatorHost, freshProject } from '@bas/core/stores/firestore/harness';
import * as z from 'zod';
import { HttpClient } from './client.ts';
import { run, serve, type Env, type Finished, type Served } from './command.ts';
import { until } from './moving-box.ts';
import { deviceCaller } from './people.ts';

const Standing = z.object({
  flags: z.object({ telemetry: z.string(), audit: z.string(), auth: z.string(), finalized: z.boolean() }),
  dirty: z.object({ buckets: z.int(), rows: z.record(z.string(), z.int()) }),
  proof: z.object({ points: z.int(), differing: z.int(), green_since_ms: z.int().nullable() }),
});

export class OperatedBox {
  readonly folder = mkdtempSync(join(tmpdir(), 'bas-cutover-'));
  readonly env: Env = { GCP_PROJECT_ID: freshProject(), FIRESTORE_EMULATOR_HOST: emulatorHost() };
  readonly #running: Served[] = [];

  async serve(args: readonly string[] = [], env = this.env): Promise<Served> {
    const served = await serve(['--data', this.folder, '--rate', '0', ...args], env);
    this.#running.push(served);
    return served;
  }

  async demo(): Promise<Demo> {
    const demo = await readDemo(join(this.folder, 'demo.json'));
    assert.ok(demo);
    return demo;
  }

  /** Runs a verb; words with spaces in them are given as a list. */
  cutover(words: string | readonly string[], env = this.env): Promise<Finished> {
    const args = typeof words === 'string' ? words.split(' ') : words;
    return run('cutover', [...args, '--data', this.folder], { env });
  }

  /** What a verb prints that does what it is told. */
  async done(words: string | readonly string[], env = this.env): Promise<string> {
    const { code, stdout, stderr } = await this.cutover(words, env);
    assert.equal(code, 0, `${String(words)}: ${stderr}`);
    return stdout;
  }

  /** Every reason of a verb that is refused, one a line. */
  async refused(words: string | readonly string[], code = 1, env = this.env): Promise<readonly string[]> {
    const ended = await this.cutover(words, env);
    assert.deepEqual([ended.code, ended.stdout], [code, ''], `${String(words)}: ${ended.stderr}`);
    assert.doesNotMatch(ended.stderr, /^ +at /m);
    const lines = ended.stderr.trimEnd().split('\n');
    // Said where the machine is slow, too.
    return lines.filter((line) => !line.startsWith('Waiting for Firestore'));
  }

  async standing(): Promise<z.infer<typeof Standing>> {
    return Standing.parse(JSON.parse(await this.done('status --json')));
  }

  /** Waits until Firestore has all that moves with telemetry. */
  async delivered(): Promise<void> {
    await until(async () => {
      const { buckets, rows } = (await this.standing()).dirty;
      return buckets + (rows['device'] ?? 0) + (rows['key'] ?? 0) + (rows['tenant'] ?? 0) === 0;
    });
  }

  /** Every device of the demo posts one request of `times_ms`. */
  async post(url: string, times_ms: readonly number[]): Promise<void> {
    const client = new HttpClient(url);
    for (const { tenant_id, devices } of (await this.demo()).tenants) {
      for (const { device_id, key } of devices) {
        const points = times_ms.map((timestamp_ms) => ({ timestamp_ms, metrics: { value: timestamp_ms % 97 } }));
        const answer = await deviceCaller(client, tenant_id, key).post('/v1/telemetry', { device_id, points });
        assert.match(answer.text, new RegExp(`"accepted":${String(points.length)},`));
      }
    }
    client.close();
  }

  /** Changes the oldest value of one device in Firestore, behind everybody's back. */
  async tamper(device_id: string, metrics: string): Promise<void> {
    const client = connectWitness(this.env['GCP_PROJECT_ID'] ?? '');
    const { docs } = await client.collection('telemetry').where('device_id', '==', device_id).get();
    const [oldest] = docs.toSorted((a, b) => Number(a.get('timestamp_ms')) - Number(b.get('timestamp_ms')));
    const [offset] = Object.keys(z.record(z.string(), z.string()).parse(oldest?.get('points')));
    assert.ok(oldest !== undefined && offset !== undefined);
    await oldest.ref.update(`points.${offset}`, metrics);
    await client.terminate();
  }

  async close(): Promise<void> {
    for (const { child, ended } of this.#running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
