/** One box as three server processes on one file; any of them may be killed and started again. */
import type { Answer, Sending } from '../support/client.ts';
import { HttpClient } from '../support/client.ts';
import { serve, type Env, type Served } from '../support/command.ts';

interface Slot {
  readonly served: Served;
  readonly client: HttpClient;
}

export class Box {
  readonly #args: readonly string[];
  readonly #env: Env;
  #slots: Slot[] = [];
  #turn = 0;
  /** Requests whose connection broke, because their process was killed. */
  cut = 0;
  kills = 0;

  constructor(args: readonly string[], env: Env) {
    this.#args = args;
    this.#env = env;
  }

  async start(processes: number): Promise<void> {
    this.#slots = await Promise.all(Array.from({ length: processes }, () => this.#open()));
  }

  /** Asks one process, and the next one when its connection breaks: as a client behind a balancer does. */
  async send(method: string, path: string, sending: Sending): Promise<Answer> {
    for (;;) {
      const { client } = this.#next();
      try {
        return await client.send(method, path, sending);
      } catch {
        this.cut += 1;
      }
    }
  }

  /** `kill -9` of one process while it works; the same one is started again. */
  async kill(): Promise<void> {
    const slot = this.#slots.shift();
    if (slot === undefined) throw new Error('Nothing runs yet.');
    this.kills += 1;
    slot.served.child.kill('SIGKILL');
    await slot.served.ended;
    slot.client.close();
    this.#slots.push(await this.#open());
  }

  /** What each process said to its log, those that were killed included. */
  async stop(): Promise<readonly string[]> {
    const slots = this.#slots.splice(0);
    return Promise.all(
      slots.map(async ({ served, client }) => {
        client.close();
        const { code, stderr } = await served.stop();
        return `${String(code)} ${stderr}`;
      }),
    );
  }

  #next(): Slot {
    this.#turn += 1;
    const slot = this.#slots[this.#turn % this.#slots.length];
    if (slot === undefined) throw new Error('Nothing runs yet.');
    return slot;
  }

  async #open(): Promise<Slot> {
    const served = await serve(this.#args, this.#env);
    return { served, client: new HttpClient(served.url) };
  }
}
