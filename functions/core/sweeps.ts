import { Meter } from './observability/meter.ts';
import type { SweepStore } from './stores/contracts.ts';
import type { Suite } from './suite.ts';

/** Removes sessions past their limits and counters nobody needs. Safe to run twice and side by side. */
export async function sweepSessions(suite: Suite, _stopping?: AbortSignal, meter = new Meter()): Promise<string> {
  const removed = await (await sweepsOf(suite, meter)).sessions(suite.clock.now_ms());
  return `${String(removed)} sessions and counters removed`;
}

/** Removes expired points, audit events and usage from SQLite; Firestore's TTL does so by itself. Old counters grow coarse. */
export async function sweepRetention(suite: Suite, _stopping?: AbortSignal, meter = new Meter()): Promise<string> {
  const now_ms = suite.clock.now_ms();
  await (await suite.home()).box?.history.rollUp(now_ms);
  const removed = await (await sweepsOf(suite, meter)).retention(now_ms);
  const { points, audit_events, usage_rows } = removed;
  return `${points} points and ${audit_events} audit events and ${usage_rows} rows of usage removed`;
}

async function sweepsOf(suite: Suite, meter: Meter): Promise<SweepStore> {
  return (await suite.backend()).withMeter(meter).sweeps;
}
