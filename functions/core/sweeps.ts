import { Meter } from './observability/meter.ts';
import type { SweepStore } from './stores/contracts.ts';
import type { Suite } from './suite.ts';

/** Removes sessions past their limits and counters nobody needs. Safe to run twice and side by side. */
export async function sweepSessions(suite: Suite): Promise<string> {
  const removed = await (await sweepsOf(suite)).sessions(suite.clock.now_ms());
  return `${String(removed)} sessions and counters removed`;
}

/** Removes expired points and audit events from SQLite; Firestore's TTL does so by itself. */
export async function sweepRetention(suite: Suite): Promise<string> {
  const removed = await (await sweepsOf(suite)).retention(suite.clock.now_ms());
  return `${String(removed.points)} points and ${String(removed.audit_events)} audit events removed`;
}

async function sweepsOf(suite: Suite): Promise<SweepStore> {
  return (await suite.backend()).withMeter(new Meter()).sweeps;
}
