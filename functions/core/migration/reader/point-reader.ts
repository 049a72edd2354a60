import { Worker } from 'node:worker_threads';
import { SetupError } from '../../errors.ts';
import type { Device } from '../../model/entities.ts';
import type { RowCount } from '../../stores/import.ts';
import type { TelemetryOptions } from '../point-table.ts';
import type { Answer, Order, ReaderSetup, ReadUnit } from './messages.ts';

type AnswerTo<Kind> = Extract<Answer, { readonly kind: Kind }>;

/**
 * Reads the points of a legacy file in a thread of its own: reading overlaps with storing, and signals are heard while
 * SQLite sorts. Failures are those of the file, or the reason of `stopping`. To be disposed of in the end.
 */
export class PointReader implements AsyncDisposable {
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #stopping: AbortSignal;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  #over: { readonly why: unknown } | null = null;

  constructor(file: string, stopping: AbortSignal) {
    const workerData: ReaderSetup = { file, stop: this.#stop };
    this.#worker = new Worker(new URL('./reader.worker.ts', import.meta.url), { workerData });
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on('error', (error) => this.#giveUp(error));
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#stopping = stopping;
    stopping.addEventListener('abort', this.#interrupt);
    if (stopping.aborted) this.#interrupt();
  }

  /** Every device that the asked time tells of, as it will be registered, by tenant and id. */
  async survey(options: TelemetryOptions): Promise<readonly Device[]> {
    return (await this.#ask({ kind: 'survey', options })).devices;
  }

  /** Says whose points are to be read, and hears how many rows there are; `units` calls a device by its place here. */
  async plan(options: TelemetryOptions, devices: readonly Device[]): Promise<RowCount> {
    const filed = devices.map(({ tenant_id, device_id, widths }) => ({ tenant_id, device_id, widths }));
    return (await this.#ask({ kind: 'plan', options, devices: filed })).rows;
  }

  /** From the first one, at each call. While some are worked on, the next are read. */
  async *units(): AsyncGenerator<ReadUnit> {
    for (let coming = this.#next(true); ;) {
      const { units } = await coming;
      if (units.length === 0) return;
      coming = this.#next(false);
      yield* units;
    }
  }

  #next(anew: boolean): Promise<AnswerTo<'next'>> {
    const coming = this.#ask({ kind: 'next', anew });
    // Its failure is seen when its turn comes; until then it is not unhandled.
    coming.catch(() => undefined);
    return coming;
  }

  async #ask<Kind extends Order['kind']>(order: Order & { readonly kind: Kind }): Promise<AnswerTo<Kind>> {
    if (this.#over !== null) throw this.#over.why;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.push(waiting);
    this.#worker.postMessage(order);
    const answer = await waiting.promise;
    if (answer.kind === 'refused') throw new SetupError(answer.message);
    if (isAnswerTo(order.kind, answer)) return answer;
    throw new Error(`${order.kind} was answered by ${answer.kind}`);
  }

  readonly #interrupt = (): void => {
    Atomics.store(this.#stop, 0, 1);
    this.#giveUp(this.#stopping.reason);
  };

  #giveUp(why: unknown): void {
    this.#over ??= { why };
    for (const { reject } of this.#waiting.splice(0)) reject(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.removeEventListener('abort', this.#interrupt);
    Atomics.store(this.#stop, 0, 1);
    this.#worker.postMessage({ kind: 'end' } satisfies Order);
    await this.#ended;
  }
}

function isAnswerTo<Kind>(kind: Kind, answer: Answer): answer is AnswerTo<Kind> {
  return answer.kind === kind;
}
