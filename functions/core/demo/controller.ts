import { SECOND_MS } from '../clock.ts';
import type { Metrics } from '../model/point.ts';
import { measure, type Kind } from './measure.ts';
import { chance, seedOf } from './noise.ts';

/** A controller loses its line again and again; what it measures meanwhile is lost. */
export interface Outage {
  readonly every_ms: number;
  readonly lasts_ms: number;
}

/** A device of the demo as something that measures. */
export interface Controller {
  readonly device_id: string;
  readonly kind: Kind;
  readonly interval_ms: number;
  readonly outage?: Outage | undefined;
}

export interface Reading {
  readonly timestamp_ms: number;
  readonly metrics: Metrics;
}

export interface Stretch {
  /** Exclusive. */
  readonly after_ms: number;
  readonly until_ms: number;
  readonly limit: number;
  /** What the building's clock is ahead of UTC. */
  readonly zone_ms: number;
}

/** What a controller has measured in a stretch of time, oldest first: always the same for the same time. */
export function readings(controller: Controller, { after_ms, until_ms, limit, zone_ms }: Stretch): Reading[] {
  const { device_id, kind, interval_ms } = controller;
  const phase_ms = phaseOf(controller);
  const found: Reading[] = [];
  let timestamp_ms = Math.floor((after_ms - phase_ms) / interval_ms + 1) * interval_ms + phase_ms;
  for (; timestamp_ms <= until_ms && found.length < limit; timestamp_ms += interval_ms) {
    if (isOut(controller, timestamp_ms)) continue;
    found.push({ timestamp_ms, metrics: measure(kind, device_id, timestamp_ms + zone_ms) });
  }
  return found;
}

/** Whether a point is one of the controller's own, not what somebody posted in its name. */
export function isOwnTime(controller: Controller, timestamp_ms: number): boolean {
  return (timestamp_ms - phaseOf(controller)) % controller.interval_ms === 0;
}

/** Each controller has its own second to measure in, and never a whole one: those are for people who post by hand. */
function phaseOf({ device_id, interval_ms }: Controller): number {
  const seconds = Math.floor(chance(seedOf(device_id), 0) * (interval_ms / SECOND_MS));
  return seconds * SECOND_MS + 1 + Math.floor(chance(seedOf(device_id), 1) * (SECOND_MS - 1));
}

function isOut({ device_id, outage }: Controller, timestamp_ms: number): boolean {
  if (outage === undefined) return false;
  const { every_ms, lasts_ms } = outage;
  const phase_ms = Math.floor(chance(seedOf(device_id), 2) * every_ms);
  return (timestamp_ms + phase_ms) % every_ms < lasts_ms;
}
