import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS, SECOND_MS, type Clock } from '../clock.ts';
import { Problem, storeUnavailable } from '../errors.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import { stackOf, type Logger } from '../observability/log.ts';
import { Meter } from '../observability/meter.ts';
import type { Backend } from '../stores/contracts.ts';
import { OWN_FUNCTION, WaitingUsage, type UsageOwner, type WaitingPart } from './waiting.ts';

export interface UsageParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asked for only when there is something to store, and then a store was asked before. */
  readonly backend: () => Promise<Backend>;
  /** Since some moment in the past; goes on however the clock is set. */
  readonly elapsed_ms?: () => number;
}

/** An instance that is busy writes one document of what it counted in this time. */
export const WRITE_EVERY_MS = MINUTE_MS;
/** How long an instance that is told to end may still write, and how many writes are under way at once. */
const ENDING_MS = SECOND_MS;
const AT_ONCE = 8;

/**
 * Adds up what this process uses and writes it at most once a minute, one document at a time. A write begins with a
 * request, whose own work gives it the processor: after its answer an instance of Cloud Functions may have none. Nobody
 * waits for it, so a store that is away delays nobody; what it did not take waits for the next.
 */
export class UsageRecorder {
  readonly #parts: UsageParts;
  readonly #waiting = new WaitingUsage();
  readonly #elapsed_ms: () => number;
  #written_ms: number;
  #writing: Promise<unknown> | null = null;
  #failing = false;

  constructor(parts: UsageParts) {
    this.#parts = parts;
    this.#elapsed_ms = parts.elapsed_ms ?? (() => performance.now());
    this.#written_ms = this.#elapsed_ms();
  }

  /** Charges what `meter` has counted, and what it will count from now on. */
  charge(meter: Meter, owner: UsageOwner): void {
    meter.settle((counted) => {
      this.#waiting.add(owner, counted, this.#parts.clock.now_ms());
    });
  }

  /** A meter for what the platform does by itself. */
  meter(function_name: string): Meter {
    return this.charged(new Meter(), function_name);
  }

  /** The same meter, charged to the platform. */
  charged(meter: Meter, function_name: string): Meter {
    this.charge(meter, { tenant_id: SYSTEM_TENANT, function: function_name, device_id: null });
    return meter;
  }

  /** Begins a write when one is due; to be called when a request begins. */
  writeIfDue(): void {
    if (this.#writing !== null || this.#elapsed_ms() - this.#written_ms < WRITE_EVERY_MS) return;
    const part = this.#waiting.take();
    if (part === null) return;
    this.#written_ms = this.#elapsed_ms();
    this.#writing = this.#write(part).finally(() => {
      this.#writing = null;
    });
  }

  /** Writes all there is, for a process that ends: until it is done, a write fails or the time is up. */
  async writeAll(limit_ms = ENDING_MS): Promise<void> {
    const until_ms = this.#elapsed_ms() + limit_ms;
    const work = async (before: Promise<unknown> | null): Promise<void> => {
      await before;
      while (this.#elapsed_ms() < until_ms) {
        const part = this.#waiting.take();
        if (part === null || !(await this.#write(part))) return;
      }
    };
    // One of them goes on from the write that is under way, which may have to be made again.
    const works = Array.from({ length: AT_ONCE }, (_, n) => work(n === 0 ? this.#writing : null));
    await Promise.race([Promise.all(works), delay(limit_ms, null, { ref: false })]);
  }

  /** Whether the store was there. */
  async #write(part: WaitingPart): Promise<boolean> {
    const { tenant_id } = part;
    const meter = new Meter();
    try {
      const backend = await this.#parts.backend().catch((cause: unknown): never => {
        throw storeUnavailable(cause);
      });
      await backend.withMeter(meter).forTenant(tenant_id).usage.add(part);
      this.#failing = false;
      return true;
    } catch (error) {
      const away = error instanceof Problem && error.status === 503;
      if (away) this.#keep(part, error);
      else this.#keepOtherwise(part, error);
      return !away;
    } finally {
      this.charge(meter, { tenant_id, function: OWN_FUNCTION, device_id: null });
    }
  }

  #keep(part: WaitingPart, error: unknown): void {
    // It may have been stored after all: then it is told twice rather than not at all.
    this.#waiting.putBack(part);
    if (!this.#failing) this.#parts.logger.log('WARNING', 'usage could not be stored', { stack: stackOf(error) });
    this.#failing = true;
  }

  #keepOtherwise(part: WaitingPart, error: unknown): void {
    if (this.#waiting.putBackOtherwise(part)) return;
    const { tenant_id } = part;
    this.#parts.logger.log('ERROR', 'usage is lost: the store refuses it', { tenant_id, stack: stackOf(error) });
  }
}
