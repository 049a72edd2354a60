import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS, SECOND_MS, type Clock } from '../clock.ts';
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
  #writing = false;
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
    if (this.#writing || this.#elapsed_ms() - this.#written_ms < MINUTE_MS) return;
    const part = this.#waiting.take();
    if (part === null) return;
    this.#written_ms = this.#elapsed_ms();
    this.#writing = true;
    void this.#write(part).finally(() => {
      this.#writing = false;
    });
  }

  /** Writes all there is, for a process that ends: until it is done, a write fails or the time is up. */
  async writeAll(limit_ms = ENDING_MS): Promise<void> {
    const until_ms = this.#elapsed_ms() + limit_ms;
    const work = async (): Promise<void> => {
      while (this.#elapsed_ms() < until_ms) {
        const part = this.#waiting.take();
        if (part === null || !(await this.#write(part))) return;
      }
    };
    await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, work)), delay(limit_ms, null, { ref: false })]);
  }

  async #write(part: WaitingPart): Promise<boolean> {
    const { tenant_id } = part;
    const meter = new Meter();
    try {
      const stores = (await this.#parts.backend()).withMeter(meter);
      await stores.forTenant(tenant_id).usage.add(part);
      this.#failing = false;
      return true;
    } catch (error) {
      // It may have been stored after all: then it is told twice rather than not at all.
      this.#waiting.putBack(part);
      if (!this.#failing) this.#parts.logger.log('WARNING', 'usage could not be stored', { stack: stackOf(error) });
      this.#failing = true;
      return false;
    } finally {
      this.charge(meter, { tenant_id, function: OWN_FUNCTION, device_id: null });
    }
  }
}
