/** The newest values of the devices, as they were last answered: rows keep them while they are off the screen. */
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { LatestDevice, Metrics, Point } from '../api/answers.ts';
import type { Client } from '../api/client.ts';

export interface Newest {
  /** Null for a device that never sent a point. */
  readonly timestamp_ms: number | null;
  readonly metrics: Metrics;
  /** Newest first. */
  readonly points: readonly Point[];
}

export class KnownValues {
  readonly #answers = signal(0);
  readonly #newest = new Map<string, Signal<Newest | null>>();
  readonly #texts = new Map<string, string>();
  readonly #asked_ms = new Map<string, number>();

  /** Null until the device was first answered; changes by itself, so that a row is drawn anew alone. */
  of(device_id: string): ReadonlySignal<Newest | null> {
    return this.#signalOf(device_id);
  }

  /** When the device was last answered; -Infinity for never. */
  askedAt_ms(device_id: string): number {
    return this.#asked_ms.get(device_id) ?? -Infinity;
  }

  /** Whatever is drawn or computed with a call of this is done anew with every answer. */
  follow(): number {
    return this.#answers.value;
  }

  learn(devices: readonly LatestDevice[], at_ms: number): void {
    for (const { device_id, timestamp_ms, metrics, points = [] } of devices) {
      this.#asked_ms.set(device_id, at_ms);
      const newest: Newest = { timestamp_ms, metrics: metrics ?? {}, points };
      // Nothing new is no reason to draw.
      const text = JSON.stringify(newest);
      if (this.#texts.get(device_id) === text) continue;
      this.#texts.set(device_id, text);
      this.#signalOf(device_id).value = newest;
    }
    this.#answers.value = this.#answers.peek() + 1;
  }

  #signalOf(device_id: string): Signal<Newest | null> {
    const known = this.#newest.get(device_id) ?? signal<Newest | null>(null);
    this.#newest.set(device_id, known);
    return known;
  }
}

const byClient = new WeakMap<Client, KnownValues>();

/** What is known in this session, whichever view was shown meanwhile. */
export function knownValues(client: Client): KnownValues {
  const known = byClient.get(client) ?? new KnownValues();
  byClient.set(client, known);
  return known;
}
