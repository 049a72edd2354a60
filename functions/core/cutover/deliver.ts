import { MINUTE_MS, SECOND_MS, type Clock } from '../clock.ts';
import type { Flags } from '../model/flags.ts';
import type { BucketRef, DeviceRef, Journal, RowKind } from '../stores/journal.ts';
import type { Mirror } from '../stores/mirror.ts';
import { inParallel } from '../resilience/parallel.ts';
import { deliverRows } from './deliver-rows.ts';

/** Document writes per minute and device, unless the operator says otherwise. */
export const DEFAULT_RATE = 5;

/** Short, so that another goes on soon when a deliverer was killed; longer than the pause between passes. */
const LEASE_MS = 5 * SECOND_MS;
const AT_ONCE = 16;
/** Batches of rows before buckets have their turn. */
const ROW_BATCHES = 5;
/** With no rate to keep, so many of a device's buckets before another has its turn. */
const BURST = 32;

export interface DeliveryParts {
  readonly journal: Journal;
  readonly mirror: Mirror;
  readonly clock: Clock;
  /** This process, as the lease knows it. */
  readonly holder: string;
  /** Document writes per minute and device; 0 is unlimited, and kept only before reads have moved. */
  readonly rate: number;
  /** Makes sure, before anything is delivered, that the database is this box's; throws when it is another's. */
  readonly claim?: () => Promise<void>;
}

export interface DeliveryPass {
  /** `elsewhere`: another process of the box delivers. `idle`: nothing has begun to move. */
  readonly state: 'delivered' | 'elsewhere' | 'idle';
  readonly buckets: number;
  readonly rows: number;
}

/** Whether to deliver more: asked before each commit. */
type GoesOn = () => Promise<boolean>;

const NOTHING = { buckets: 0, rows: 0 };

/**
 * Copies what is dirty to Firestore. One process of the box at a time holds the lease; what it does not finish, because it
 * was killed or Firestore is away, stays dirty for the next pass.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  /** When each device may be written next. */
  readonly #next_ms = new Map<string, number>();
  #leased_until_ms = 0;
  #claimed = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Delivers what the rate allows now. Throws the store's problem when Firestore does not take it. */
  async pass(): Promise<DeliveryPass> {
    const { journal } = this.#parts;
    const flags = journal.flags();
    if (flags.finalized || !isMoving(flags)) return { state: 'idle', ...NOTHING };
    if (!(await this.#hasLease())) return { state: 'elsewhere', ...NOTHING };
    const rate = flags.telemetry === 'firestore' && this.#parts.rate === 0 ? DEFAULT_RATE : this.#parts.rate;
    await this.#claim();
    return { state: 'delivered', ...(await this.#deliverAll(flags, rate, ROW_BATCHES, () => this.#hasLease())) };
  }

  /** Renewed only when half of it has passed: a commit for each would be too many. */
  async #hasLease(): Promise<boolean> {
    const { journal, clock, holder } = this.#parts;
    const now_ms = clock.now_ms();
    if (this.#leased_until_ms - now_ms > LEASE_MS / 2) return true;
    const held = await journal.lease('delivery', holder, now_ms, LEASE_MS);
    this.#leased_until_ms = held ? now_ms + LEASE_MS : 0;
    return held;
  }

  /** Lets another process of the box deliver at once. */
  async release(): Promise<void> {
    const { journal, holder } = this.#parts;
    this.#leased_until_ms = 0;
    await journal.release('delivery', holder);
  }

  /** Delivers all there is, whatever the rate and whoever else delivers: for the end, when nothing more may come. */
  async everything(): Promise<void> {
    await this.#deliverAll(this.#parts.journal.flags(), 0, Infinity, () => Promise.resolve(true));
  }

  /** Nothing goes into a database that is another box's: one that was seeded has not asked before. */
  async #claim(): Promise<void> {
    if (this.#claimed) return;
    await this.#parts.claim?.();
    this.#claimed = true;
  }

  /** Rows that Firestore does not take, or very many of them, do not hold buckets up. */
  async #deliverAll(flags: Flags, rate: number, batches: number, goesOn: GoesOn) {
    const failures: unknown[] = [];
    const rows = await this.#rows(kindsOf(flags), batches, goesOn).catch((error: unknown) => {
      failures.push(error);
      return 0;
    });
    const buckets = flags.telemetry === 'sqlite' ? 0 : await this.#buckets(flags.backfill_start_ms, rate, goesOn);
    if (failures.length > 0) throw failures[0];
    return { rows, buckets };
  }

  async #rows(kinds: readonly RowKind[], batches: number, goesOn: GoesOn): Promise<number> {
    let delivered = 0;
    for (let batch = 0; batch < batches && (await goesOn()); batch += 1) {
      const rows = await deliverRows(this.#parts, kinds);
      if (rows === 0) break;
      delivered += rows;
    }
    return delivered;
  }

  async #buckets(since_ms: number, rate: number, goesOn: GoesOn): Promise<number> {
    let delivered = 0;
    for (;;) {
      const due = await this.#due(since_ms, rate);
      if (due.length === 0 || !(await goesOn())) return delivered;
      await inParallel(due, AT_ONCE, async (bucket) => {
        if (!(await goesOn())) return;
        await this.#deliver(bucket, rate);
        delivered += 1;
      });
    }
  }

  /** The oldest dirty bucket of every device whose turn it is. */
  async #due(since_ms: number, rate: number): Promise<readonly BucketRef[]> {
    const { journal, clock } = this.#parts;
    const now_ms = clock.now_ms();
    const due: BucketRef[] = [];
    let device: DeviceRef | null = null;
    for (;;) {
      device = await journal.nextDirtyDevice(device, since_ms);
      if (device === null) return due;
      if ((this.#next_ms.get(keyOf(device)) ?? 0) > now_ms) continue;
      due.push(...(await journal.dirtyBuckets(device, since_ms, rate === 0 ? BURST : 1)));
      if (due.length >= AT_ONCE * BURST) return due;
    }
  }

  async #deliver(bucket: BucketRef, rate: number): Promise<void> {
    const { journal, mirror, clock } = this.#parts;
    const now_ms = clock.now_ms();
    const put = await mirror.putBucket(() => journal.snapshot(bucket));
    // A failed write is not the device's turn: else a pass with nothing due would look as if Firestore were back.
    if (rate > 0) this.#next_ms.set(keyOf(bucket), now_ms + MINUTE_MS / rate);
    if (put !== null) await journal.delivered(bucket, put.version, put.update);
  }
}

function keyOf({ tenant_id, device_id }: DeviceRef): string {
  return `${tenant_id} ${device_id}`;
}

export function isMoving({ telemetry, audit, auth }: Flags): boolean {
  return telemetry !== 'sqlite' || audit !== 'sqlite' || auth !== 'sqlite';
}

/** Devices and their keys travel with telemetry; people only once their own move was asked for. */
export function kindsOf({ telemetry, audit, auth }: Flags): readonly RowKind[] {
  return [
    ...(telemetry === 'sqlite' ? [] : (['tenant', 'device', 'key'] as const)),
    ...(audit === 'sqlite' ? [] : (['audit'] as const)),
    ...(auth === 'sqlite' ? [] : (['user'] as const)),
  ];
}
