/** Randomness that is the same each time it is asked for: of a name and a step, never of a generator that runs on. */
import { SECOND_MS } from '../clock.ts';

/** Scatters what it is given; every bit of the input moves about half of the output (the end of MurmurHash3). */
function scatter(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A number that stands for a name, so that no two devices behave alike. */
export function seedOf(name: string): number {
  let seed = 0;
  for (const char of name) seed = scatter(Math.imul(seed, 31) + (char.codePointAt(0) ?? 0));
  return seed;
}

/** From 0 to 1, for a whole number of a step. */
export function chance(seed: number, step: number): number {
  return scatter(Math.imul(step, 0x9e3779b1) ^ seed) / 2 ** 32;
}

/** From -1 to 1, wandering from one chance to the next in `period_ms` without a jump or a corner. */
export function wander(seed: number, time_ms: number, period_ms: number): number {
  const step = Math.floor(time_ms / period_ms);
  const way = time_ms / period_ms - step;
  const eased = way * way * (3 - 2 * way);
  return 2 * (chance(seed, step) * (1 - eased) + chance(seed, step + 1) * eased) - 1;
}

/** From -1 to 1, as a sensor trembles: another value each second. */
export function flicker(seed: number, time_ms: number): number {
  return 2 * chance(~seed, Math.floor(time_ms / SECOND_MS)) - 1;
}
