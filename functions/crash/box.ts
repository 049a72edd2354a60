/** A real box on a folder of its own: made, started, killed and started again. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@bas/core/observability/log';
import { readConfig } from '@bas/core/config';
import { createSuite } from '@bas/core/suite';
import type { Caller } from '../test/support/client.ts';
import { HttpClient } from '../test/support/client.ts';
import { serve, start, type Env } from '../test/support/command.ts';
import { signIn } from '../test/support/people.ts';
import { Seed } from '../test/support/seed.ts';

export const TENANT = 'acme';

export interface Running {
  readonly url: string;
  /** Ends it with no warning, and waits until it is gone. */
  kill(): Promise<void>;
}

export class CrashBox {
  readonly folder = mkdtempSync(join(tmpdir(), 'bas-crash-'));
  readonly file = join(this.folder, 'bas.sqlite');
  readonly #env: Env;
  #running: Running | null = null;

  /** `env` is that of its processes: where it moves to, if it moves. */
  constructor(env: Env = {}) {
    this.#env = env;
  }

  /** Makes the tenant with an administrator, whose headers are the answer: they are signed in for all that follows. */
  async furnish(): Promise<Caller['headers']> {
    const suite = createSuite(readConfig({ SQLITE_FILE: this.file }), { logger: silentLogger });
    const seed = new Seed(suite);
    await seed.tenant(TENANT);
    const user = await seed.user({ tenant_id: TENANT, role: 'admin' });
    await suite.close();
    const running = await this.start();
    const client = new HttpClient(running.url);
    const { headers } = await signIn(client, user);
    client.close();
    await running.kill();
    return headers;
  }

  async start(): Promise<Running> {
    const { url, child } = await serve(['--data', this.folder, '--rate', '0'], this.#env);
    this.#running = { url, kill: () => killed(child) };
    return this.#running;
  }

  /** Killed before, or soon after, it could have answered anything. */
  async killStarting(after_ms: number): Promise<void> {
    const child = start('serve', ['--port', '0', '--data', this.folder, '--rate', '0'], this.#env);
    child.stdout.resume();
    child.stderr.resume();
    const timer = setTimeout(() => child.kill('SIGKILL'), after_ms);
    await once(child, 'exit');
    clearTimeout(timer);
  }

  /** With whatever still runs on it. */
  async remove(): Promise<void> {
    await this.#running?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
