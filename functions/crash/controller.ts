/** A device that posts as fast as it is answered, and sends again what it is not sure of. */
import { HOUR_MS, systemClock } from '@bas/core/clock';
import * as z from 'zod';
import { Caller, HttpClient, type Answer } from '../test/support/client.ts';
import { deviceCaller } from '../test/support/people.ts';
import { TENANT } from './box.ts';
import { outcomeOf, type Batch, type DeviceHistory, type History, type Outcome, type SentPoint } from './history.ts';

/** The write budget of a minute: a device that has used it up is followed by a new one. */
const BATCHES_PER_DEVICE = 5;
const MOST_POINTS = 20;
const MOST_SENDINGS = 3;
/** Of the batches that were acknowledged at once. */
const SENT_AGAIN = 0.3;
const SENT_TWICE_AT_ONCE = 0.2;

const Receipt = z.object({ accepted: z.int(), duplicates: z.int(), rejected: z.array(z.unknown()) });
const NewDevice = z.object({ key: z.string() });

export interface ControllerParts {
  readonly number: number;
  readonly history: History;
  readonly random: () => number;
  /** Headers of somebody who may register devices. */
  readonly operator: Caller['headers'];
}

interface Registered {
  readonly device: DeviceHistory;
  readonly key: string;
}

export class Controller {
  readonly #parts: ControllerParts;
  #registered: Registered | null = null;
  #devices = 0;
  #batches = 0;
  readonly #began_ms = systemClock.now_ms();
  #client = new HttpClient('http://127.0.0.1');

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  /** Goes on where it was stopped, until the box is no longer there. */
  async run(url: string): Promise<void> {
    this.#client = new HttpClient(url);
    try {
      while (await this.#step());
    } finally {
      this.#client.close();
    }
  }

  /** False when the box is gone. */
  async #step(): Promise<boolean> {
    const { device } = this.#registered ?? {};
    const last = device?.batches.at(-1);
    if (this.#registered !== null && last !== undefined && isOpen(last)) return this.#send(this.#registered, last);
    if (this.#registered === null || this.#registered.device.batches.length >= BATCHES_PER_DEVICE) {
      return this.#register();
    }
    const batch: Batch = { points: this.#makePoints(), sendings: [], accepted: 0 };
    this.#registered.device.batches.push(batch);
    return this.#sendNew(this.#registered, batch);
  }

  /** Once, or twice at the same time; and some of what was acknowledged once more. */
  async #sendNew(registered: Registered, batch: Batch): Promise<boolean> {
    const { random } = this.#parts;
    const copies = random() < SENT_TWICE_AT_ONCE ? 2 : 1;
    const sent = await Promise.all(Array.from({ length: copies }, () => this.#send(registered, batch)));
    if (sent.includes(false)) return false;
    return random() < SENT_AGAIN ? this.#send(registered, batch) : true;
  }

  async #register(): Promise<boolean> {
    const { number, history, operator } = this.#parts;
    const device = history.begin(`controller-${number}-${(this.#devices += 1)}`);
    this.#registered = null;
    const caller = new Caller(this.#client, operator);
    const answer = await reached(caller.post('/v1/devices', { device_id: device.device_id }));
    device.registration = answer === null ? 'info' : this.#judge(answer, 201);
    if (answer === null) return false;
    if (device.registration === 'ok') this.#registered = { device, key: NewDevice.parse(answer.json()).key };
    return true;
  }

  async #send({ device, key }: Registered, batch: Batch): Promise<boolean> {
    const { device_id } = device;
    const at = batch.sendings.push('info') - 1;
    device.touched = true;
    const caller = deviceCaller(this.#client, TENANT, key);
    const answer = await reached(caller.post('/v1/telemetry', { device_id, points: batch.points }));
    if (answer === null) return false;
    const outcome = this.#judge(answer, 200);
    batch.sendings[at] = outcome;
    if (outcome !== 'ok') return true;
    const { accepted, duplicates, rejected } = Receipt.parse(answer.json());
    batch.accepted += accepted;
    const { length } = batch.points;
    if (accepted + duplicates !== length || rejected.length > 0 || (accepted !== 0 && accepted !== length))
      this.#parts.history.strange.push(`${device_id}: ${answer.text} for ${length} points`);
    return true;
  }

  #judge({ status, code, text }: Answer, expected: number): Outcome {
    if (status === expected) return 'ok';
    if (status === 503 && code === 'store_unavailable') return 'info';
    this.#parts.history.strange.push(`${status}: ${text}`);
    return 'fail';
  }

  #makePoints(): readonly SentPoint[] {
    const { number, random } = this.#parts;
    const batch = (this.#batches += 1);
    const count = 1 + Math.floor(random() * MOST_POINTS);
    // Back in time by the hour, so that a batch is of several buckets; no time comes twice.
    return Array.from({ length: count }, (_, at) => ({
      timestamp_ms: this.#began_ms - at * HOUR_MS - batch,
      metrics: { value: number * 1_000 + at + random(), batch },
    }));
  }
}

function isOpen(batch: Batch): boolean {
  return outcomeOf(batch) === 'info' && batch.sendings.length < MOST_SENDINGS;
}

/** Null when nobody answered. */
async function reached(asking: Promise<Answer>): Promise<Answer | null> {
  return asking.catch(() => null);
}
