/** The operator of a box: the real command line, and what the audit log must say of each use of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND_MS } from '@bas/core/clock';
import * as z from 'zod';
import { run, type Env, type Finished } from '../support/command.ts';

/** What an audit event tells of a move, in short: action, target, outcome. */
export type Told = `${string} ${string} ${string}`;
export type Concern = 'telemetry' | 'audit' | 'auth';

const Standing = z.object({ flags: z.object({ telemetry: z.string() }) });
const Repaired = z.object({ repaired: z.int().nonnegative() });

/** Devices never stop. */
const TOO_EARLY = /changed whenever compare looked|No point has been compared yet|first full comparison has not ended/;
const PATIENCE_MS = 90 * SECOND_MS;
const PAUSE_MS = 500;

export class Operator {
  readonly #data: string;
  readonly #env: Env;
  /** Every event that the moves so far must have left, in order. */
  readonly told: Told[] = [];

  constructor(data: string, env: Env) {
    this.#data = data;
    this.#env = env;
  }

  /** Takes the next step, asking again while the only reason against it is that it is too early. */
  async advance(concern: Concern): Promise<void> {
    const until_ms = performance.now() + PATIENCE_MS;
    for (;;) {
      const finished = await this.#advance(concern);
      if (finished.code === 0) {
        // Freezing people is a move of its own.
        if (concern === 'auth') this.told.push('cutover.advance auth success');
        this.told.push(`cutover.advance ${concern} success`);
        return;
      }
      this.told.push(`cutover.advance ${concern} refused`);
      // The guard turns reads round by itself when Firestore fails too often; then the way up begins again.
      const [, earlier] = /(telemetry|audit) is on \w+: the order is/.exec(finished.stderr) ?? [];
      if (earlier === 'telemetry' || earlier === 'audit') {
        await this.advance(earlier);
        continue;
      }
      const early = TOO_EARLY.test(finished.stderr);
      if (finished.code !== 1 || !early || performance.now() > until_ms) throw failed(`advance ${concern}`, finished);
      await sleep(PAUSE_MS);
    }
  }

  /** Asks for a step that must be refused with `reason`. */
  async refused(concern: Concern, reason: RegExp): Promise<void> {
    const finished = await this.#advance(concern);
    if (finished.code !== 1 || !reason.test(finished.stderr)) throw failed(`a refused advance ${concern}`, finished);
    this.told.push(`cutover.advance ${concern} refused`);
  }

  async rollback(concern: Concern): Promise<void> {
    const finished = await this.#run(['rollback', concern, '--reason', 'a drill']);
    if (finished.code !== 0) throw failed(`rollback ${concern}`, finished);
    this.told.push(`cutover.rollback ${concern} success`);
  }

  /** Ends the cutover, which verifies every tenant, device and person in Firestore. */
  async finalize(): Promise<void> {
    const finished = await this.#run(['finalize', '--yes']);
    if (finished.code !== 0) throw failed('finalize', finished);
    // Closing the box is a move of its own.
    this.told.push('cutover.finalize box success', 'cutover.finalize box success');
  }

  /** Has what differs delivered again until nothing does; answers how many buckets that were. */
  async repair(): Promise<number> {
    const until_ms = performance.now() + PATIENCE_MS;
    for (let repaired = 0; ;) {
      const finished = await this.#run(['compare', '--restart', '--repair', '--json']);
      if ((finished.code ?? 2) > 1 || performance.now() > until_ms) throw failed('compare --repair', finished);
      repaired += Repaired.parse(JSON.parse(finished.stdout)).repaired;
      this.told.push('cutover.repair telemetry success');
      if (finished.code === 0) return repaired;
      await sleep(PAUSE_MS);
    }
  }

  async #advance(concern: Concern): Promise<Finished> {
    const isCompared = concern === 'telemetry' && (await this.#phase()) === 'dual';
    return this.#run(['advance', concern, '--emulator', ...(isCompared ? ['--min-green', '0'] : [])]);
  }

  /** Where telemetry stands. */
  async #phase(): Promise<string> {
    const finished = await this.#run(['status', '--json']);
    if (finished.code !== 0) throw failed('status', finished);
    return Standing.parse(JSON.parse(finished.stdout)).flags.telemetry;
  }

  #run(args: readonly string[]): Promise<Finished> {
    return run('cutover', [...args, '--data', this.#data], { env: this.#env });
  }
}

function failed(what: string, { code, stdout, stderr }: Finished): Error {
  return new Error(`${what} ended with ${String(code)}: ${stdout}${stderr}`);
}
