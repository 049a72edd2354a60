/** Kills a box under load, again and again, and looks each time whether it has kept what it promised. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../test/support/grpc-faults.ts';
import { Caller, HttpClient } from '../test/support/client.ts';
import { CrashBox, type Running } from './box.ts';
import { checkAnswers, checkFile, noFindings, type Findings } from './check.ts';
import { Controller } from './controller.ts';
import { History } from './history.ts';
import { newMove, type Move } from './move.ts';

export interface KillOptions {
  readonly cycles: number;
  readonly seed: number;
  readonly controllers: number;
  readonly emulator_host: string;
  readonly signal: AbortSignal;
  readonly onCycle: (cycle: number, findings: Findings) => void;
}

export interface KillResult {
  readonly cycles: number;
  /** Of them, while the box was starting. */
  readonly starting: number;
  readonly history: History;
  readonly findings: Findings;
  /** Points that were compared with Firestore. */
  readonly delivered: number;
}

/** How long the load runs before it is cut off, and how long a start is left to itself. */
const LOAD_MS = { least: 200, spread: 1_000 };
const LONGEST_START_MS = 1_500;
/** Kills in the middle of a start: one in so many. */
const START_EVERY = 6;
/** Devices that are read over HTTP after each kill; the file is read for all. */
const READ_BACK = 5;
const DRAIN_EVERY = 10;

/** A box that stays where it is. */
export function killBox(options: KillOptions): Promise<KillResult> {
  return killAgain(options, null);
}

/** A box that delivers all it is sent to Firestore, and reads its own file. */
export function killMovingBox(options: KillOptions): Promise<KillResult> {
  return killAgain(options, newMove(options.emulator_host));
}

async function killAgain(options: KillOptions, move: Move | null): Promise<KillResult> {
  const box = new CrashBox(move?.env);
  try {
    return await new Kills(options, box, move).run();
  } finally {
    await box.remove();
  }
}

class Kills {
  readonly #options: KillOptions;
  readonly #box: CrashBox;
  readonly #move: Move | null;
  readonly #history = new History();
  readonly #findings = noFindings();
  readonly #random: () => number;
  #starting = 0;
  #delivered = 0;

  constructor(options: KillOptions, box: CrashBox, move: Move | null) {
    this.#options = options;
    this.#box = box;
    this.#move = move;
    this.#random = seededRandom(options.seed);
  }

  async run(): Promise<KillResult> {
    const { cycles: wanted, controllers, signal, onCycle } = this.#options;
    const operator = await this.#box.furnish();
    await this.#move?.begin(this.#box.file);
    const load = Array.from({ length: controllers }, (_, number) => {
      return new Controller({ number, history: this.#history, random: this.#random, operator });
    });
    let cycles = 0;
    while (cycles < wanted && !signal.aborted) {
      if (cycles % START_EVERY === START_EVERY - 1) await this.#killStart();
      await this.#killUnderLoad(load, operator);
      cycles += 1;
      onCycle(cycles, this.#findings);
      if (this.#move !== null && cycles % DRAIN_EVERY === 0) await this.#drain(this.#move);
    }
    const running = await this.#box.start();
    checkFile(this.#box.file, this.#history.devices, this.#findings);
    await running.kill();
    if (this.#move !== null) await this.#drain(this.#move);
    return {
      cycles,
      starting: this.#starting,
      history: this.#history,
      findings: this.#findings,
      delivered: this.#delivered,
    };
  }

  async #killStart(): Promise<void> {
    this.#starting += 1;
    await this.#box.killStarting(this.#random() * LONGEST_START_MS);
  }

  /** Looks at what the last kill has left, then lets the load run until the next one. */
  async #killUnderLoad(load: readonly Controller[], operator: Caller['headers']): Promise<void> {
    const running = await this.#box.start();
    await this.#look(running, operator);
    const posting = load.map((controller) => controller.run(running.url));
    await sleep(LOAD_MS.least + this.#random() * LOAD_MS.spread);
    await running.kill();
    await Promise.all(posting);
  }

  async #look({ url }: Running, operator: Caller['headers']): Promise<void> {
    const touched = this.#history.takeTouched();
    checkFile(this.#box.file, touched, this.#findings);
    const client = new HttpClient(url);
    await checkAnswers(new Caller(client, operator), touched.slice(-READ_BACK), this.#findings);
    client.close();
  }

  async #drain(move: Move): Promise<void> {
    const running = await this.#box.start();
    this.#delivered += await move.compare(this.#box.file, this.#history.devices, this.#findings);
    await running.kill();
  }
}
