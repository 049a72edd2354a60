import { SECOND_MS, type Clock } from '../clock.ts';
import type { LogEntry, LogFields, Severity } from '../observability/log.ts';
import { stackOf } from '../observability/error-text.ts';
import { withDeadline } from '../resilience/deadline.ts';
import type { LineSink } from './log.ts';

/** Some 2 MB of ordinary lines; the oldest go first. */
const MAX_WAITING = 2_000;
const MAX_BATCH = 500;
const EVERY_MS = SECOND_MS;
const LONGEST_PAUSE_MS = 60 * SECOND_MS;
const SENDING_MS = 8 * SECOND_MS;
/** How long the end of the process waits for what is left. */
const LAST_MS = 3 * SECOND_MS;

export interface WaitingLine extends LogEntry {
  /** The same for every try, so that a line which arrives twice is one. */
  readonly insert_id: string;
}

/** Hands lines over, or throws. */
export type SendLines = (lines: readonly WaitingLine[]) => Promise<void>;

export interface ShipperParts {
  readonly send: SendLines;
  readonly clock: Clock;
  /** Names this process among all that ship. */
  readonly process: string;
  /** Where it tells of its own troubles. */
  readonly tell: LineSink;
  /** From 0 to 1; jitter. */
  readonly random?: () => number;
}

/** Takes lines at once and sends them in batches, in bounded memory. When they are not taken, nobody waits for it. */
export class Shipper implements LineSink {
  readonly #parts: ShipperParts;
  #waiting: WaitingLine[] = [];
  #under_way = 0;
  #lost = 0;
  #taken = 0;
  #failing = false;
  #stopped = false;
  #pause_ms = EVERY_MS;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
  }

  take(entry: LogEntry): void {
    const insert_id = `${this.#parts.process}-${String((this.#taken += 1)).padStart(12, '0')}`;
    this.#waiting.push({ ...entry, insert_id });
    this.#forgetOldest();
    if (!this.#stopped) this.#timer ??= setTimeout(() => void this.#pass(), this.#pause_ms).unref();
  }

  /** Sends what is left, for a bounded time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await withDeadline(this.#sendRest(), LAST_MS).catch(() => undefined);
    const lines = this.#waiting.length + this.#under_way + this.#lost;
    if (lines === 0) return;
    this.#parts.tell.take(this.#line('WARNING', 'the log was not shipped to its end', { lost_lines: lines }));
  }

  async #sendRest(): Promise<void> {
    await this.#sending;
    do await this.#sendBatch();
    while (this.#waiting.length > 0 && !this.#failing);
  }

  async #pass(): Promise<void> {
    this.#sending = this.#sendBatch();
    await this.#sending;
    this.#timer = undefined;
    if (this.#waiting.length === 0 || this.#stopped) return;
    const soon = !this.#failing && this.#waiting.length >= MAX_BATCH;
    this.#timer = setTimeout(() => void this.#pass(), soon ? 0 : this.#pause_ms).unref();
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#waiting.splice(0, MAX_BATCH);
    if (batch.length === 0) return;
    this.#under_way = batch.length;
    try {
      await withDeadline(this.#parts.send(batch), SENDING_MS);
      this.#goOn();
    } catch (error) {
      this.#waiting.unshift(...batch);
      this.#forgetOldest();
      const { random = Math.random } = this.#parts;
      this.#pause_ms = Math.min(LONGEST_PAUSE_MS, this.#pause_ms * (1.5 + random()));
      const cannot = this.#line('WARNING', 'the log cannot be shipped', { stack: stackOf(error) });
      if (!this.#failing && !this.#stopped) this.#parts.tell.take(cannot);
      this.#failing = true;
    } finally {
      this.#under_way = 0;
    }
  }

  #goOn(): void {
    this.#pause_ms = EVERY_MS;
    if (!this.#failing) return;
    this.#failing = false;
    const again = this.#line('NOTICE', 'the log is shipped again', { lost_lines: this.#lost });
    this.#lost = 0;
    this.#parts.tell.take(again);
    this.take(again);
  }

  #line(severity: Severity, message: string, fields: LogFields): LogEntry {
    return { severity, message, fields, time_ms: this.#parts.clock.now_ms(), context: {} };
  }

  #forgetOldest(): void {
    const over = this.#waiting.length - MAX_WAITING;
    if (over <= 0) return;
    this.#waiting.splice(0, over);
    this.#lost += over;
  }
}
