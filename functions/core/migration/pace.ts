import { MINUTE_MS } from '../clock.ts';

/** Waits; ends early by rejecting when the run is stopped. */
export type Sleep = (ms: number) => Promise<void>;

/** Spaces writes evenly, `per_minute` of each device; 0 does not space them. */
export class Pace {
  readonly #space_ms: number;
  readonly #sleep: Sleep;
  readonly #next_ms = new Map<string, number>();

  constructor(per_minute: number, sleep: Sleep) {
    this.#space_ms = per_minute === 0 ? 0 : MINUTE_MS / per_minute;
    this.#sleep = sleep;
  }

  async turn(device: string | null): Promise<void> {
    if (device === null || this.#space_ms === 0) return;
    const now_ms = performance.now();
    const turn_ms = Math.max(now_ms, this.#next_ms.get(device) ?? 0);
    this.#next_ms.set(device, turn_ms + this.#space_ms);
    if (turn_ms > now_ms) await this.#sleep(turn_ms - now_ms);
  }
}
