import { MINUTE_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { AuditEvent } from '../model/audit.ts';
import { stackOf, type Logger } from '../observability/log.ts';
import type { Meter } from '../observability/meter.ts';
import type { AccessWatch } from '../resilience/dependencies.ts';
import type { Journal } from '../stores/journal.ts';
import type { Home } from '../stores/open.ts';
import { BY_ITSELF, cutoverEvent, type EventParts } from './events.ts';

export interface AccessEventParts extends EventParts {
  readonly logger: Logger;
  readonly home: () => Promise<Home>;
  /** Counts what telling of it costs. */
  readonly meter: () => Meter;
  /** Since some moment in the past; goes on however the clock is set. */
  readonly elapsed_ms?: () => number;
}

/** Refusals less far apart are of one outage, also when something is answered between them. */
const SAME_MS = 10 * MINUTE_MS;
/** Between two tries to store an event that the store itself refuses, once it has answered something again. */
const PAUSE_MS = MINUTE_MS;

/**
 * Leaves one audit event each time that Firestore begins to refuse this process: in a box's file at once; where Firestore
 * is the only place, it is tried at once and else remembered until the store answers again.
 */
export class AccessEvents implements AccessWatch {
  readonly #parts: AccessEventParts;
  readonly #elapsed_ms: () => number;
  #refused_ms: number | undefined;
  #answered = false;
  #untold: AuditEvent | null = null;
  #telling = false;
  #next_try_ms = 0;

  constructor(parts: AccessEventParts) {
    this.#parts = parts;
    this.#elapsed_ms = parts.elapsed_ms ?? (() => performance.now());
  }

  refused(): void {
    const now_ms = this.#elapsed_ms();
    const begins = this.#refused_ms === undefined || (this.#answered && now_ms - this.#refused_ms >= SAME_MS);
    this.#refused_ms = now_ms;
    this.#answered = false;
    if (!begins) return;
    const facts = { outcome: 'failure', target: 'firestore', detail: REFUSED } as const;
    this.#untold = cutoverEvent(this.#parts, BY_ITSELF, 'gate.change', facts);
    void this.#tell(this.#untold);
  }

  answered(): void {
    this.#answered = true;
    if (this.#untold === null || this.#telling || this.#elapsed_ms() < this.#next_try_ms) return;
    this.#next_try_ms = this.#elapsed_ms() + PAUSE_MS;
    void this.#tell(this.#untold);
  }

  async #tell(event: AuditEvent): Promise<void> {
    this.#telling = true;
    try {
      await this.#store(this.#stamped(event));
      this.#untold = null;
    } catch (error) {
      // As it must while the store refuses everything.
      if (error instanceof Problem) return;
      this.#untold = null;
      this.#parts.logger.log('ERROR', 'an outage could not be audited', { stack: stackOf(error) });
    } finally {
      this.#telling = false;
    }
  }

  /** The log is sealed soon: an event that is told late is of the time when it is told, and says of when it is. */
  #stamped(event: AuditEvent): AuditEvent {
    const timestamp_ms = this.#parts.clock.now_ms();
    if (timestamp_ms - event.timestamp_ms < MINUTE_MS) return event;
    return { ...event, timestamp_ms, detail: `${REFUSED}, since ${new Date(event.timestamp_ms).toISOString()}` };
  }

  async #store(event: AuditEvent): Promise<void> {
    const home = await this.#parts.home();
    const { box, backend } = home;
    if (box !== null && !box.journal.flags().finalized) return this.#storeInFile(box.journal, event);
    const meter = this.#parts.meter();
    await home.admit(meter);
    await backend.withMeter(meter).forTenant(event.tenant_id).audit.append(event);
  }

  /** Of several processes that share the file, one tells. */
  async #storeInFile(journal: Journal, event: AuditEvent): Promise<void> {
    const { clock, ids } = this.#parts;
    if (!(await journal.lease('tell firestore access_refused', ids.uuid(), clock.now_ms(), SAME_MS))) return;
    await journal.move(() => ({ flags: null, audit: event }));
  }
}

const REFUSED = 'Firestore refuses this process: its account, its credentials or its database';
