import { SECOND_MS } from '../../../clock.ts';
import type { Device } from '../../../model/entities.ts';
import { Room } from '../../../resilience/room.ts';
import { documentId } from '../paths.ts';
import type { Bucket } from './bucket.ts';
import { View } from './view.ts';

export const MAX_WEIGHT = 64_000_000;
const MAX_DEVICES = 10_000;
/** Bytes as they are stored; unpacked they take several times as much. */
const UNDER_WAY_BYTES = 24_000_000;
const UNDER_WAY_WAIT_MS = 5 * SECOND_MS;

interface Remembered {
  readonly bucket: Bucket;
  /** When this instance last saw that the store holds exactly this. */
  readonly seen_ms: number;
}

/** What this instance knows of stored buckets, shared by its writers and readers; the least used leave first. */
export class TelemetryMemory {
  readonly #buckets = new Map<string, Remembered>();
  readonly #views = new Map<string, View>();
  readonly #max_weight: number;
  #weight = 0;
  /** Buckets on their way from the store to those who asked for them, in bytes. */
  readonly under_way = new Room({ size: UNDER_WAY_BYTES, wait_ms: UNDER_WAY_WAIT_MS });

  constructor(max_weight = MAX_WEIGHT) {
    this.#max_weight = max_weight;
  }

  recall(device: Device, start_ms: number): Remembered | null {
    const key = keyOf(device, start_ms);
    const known = this.#buckets.get(key);
    if (known === undefined) return null;
    this.#buckets.delete(key);
    this.#buckets.set(key, known);
    return known;
  }

  /** Keeps the later version: answers of the store may overtake each other. Returns what is known now. */
  remember(device: Device, bucket: Bucket, seen_ms: number): Bucket {
    const key = keyOf(device, bucket.start_ms);
    const known = this.#buckets.get(key);
    if (known !== undefined && !bucket.isAsNewAs(known.bucket)) return known.bucket;
    this.#drop(key);
    this.#buckets.set(key, { bucket, seen_ms });
    this.#weight += bucket.weight;
    for (const oldest of this.#buckets.keys()) {
      if (this.#weight <= this.#max_weight) break;
      this.#drop(oldest);
    }
    return bucket;
  }

  forget(device: Device, start_ms: number): void {
    this.#drop(keyOf(device, start_ms));
  }

  view(device: Device): View {
    const key = documentId(device.tenant_id, device.device_id);
    const view = this.#views.get(key) ?? new View();
    this.#views.delete(key);
    this.#views.set(key, view);
    const [oldest] = this.#views.keys();
    if (this.#views.size > MAX_DEVICES && oldest !== undefined) this.#views.delete(oldest);
    return view;
  }

  get weight(): number {
    return this.#weight;
  }

  #drop(key: string): void {
    const known = this.#buckets.get(key);
    if (known === undefined) return;
    this.#buckets.delete(key);
    this.#weight -= known.bucket.weight;
  }
}

function keyOf(device: Device, start_ms: number): string {
  return documentId(device.tenant_id, device.device_id, String(start_ms));
}
