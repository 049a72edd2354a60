import { GateReport } from '../gate/report.ts';
import { CONCERNS, type Concern } from '../model/flags.ts';
import type { Health, HealthParts } from '../observability/health.ts';
import type { Journal } from '../stores/journal.ts';
import { isMoving, kindsOf } from './deliver.ts';
import { DeliveryState } from './delivery-loop.ts';

/** How a box that may move is, from its own file and from what this process saw. */
export async function boxHealth(journal: Journal, parts: HealthParts): Promise<Health> {
  const { config, clock, watch, dependencies } = parts;
  const [state, gate, delivery] = await Promise.all([journal.state(), journal.load('gate'), journal.load('delivery')]);
  const { flags, dirty } = state;
  const report = GateReport.nullable().catch(null).parse(gate);
  const last = DeliveryState.nullable().catch(null).parse(delivery);
  const moving = isMoving(flags);
  const failing_since_ms = flags.finalized || !moving ? null : (last?.failing_since_ms ?? null);
  const rows = kindsOf(flags).reduce((sum, kind) => sum + dirty.rows[kind], 0);
  const waiting = (flags.telemetry === 'sqlite' ? 0 : dirty.buckets) + rows;
  // What is read from SQLite asks Firestore nothing, so nobody would find out that it is back.
  const isOpen = (concern: Concern) => flags[concern] === 'firestore' && watch.failing.has(concern);
  const concerns = CONCERNS.map((concern) => [concern, isOpen(concern) ? 'open' : 'closed'] as const);
  const breakers: Health['breakers'] = { ...Object.fromEntries(concerns), ...dependencies.states() };
  const open = moving && Object.values(breakers).some((state) => state !== 'closed');
  return {
    status: open || failing_since_ms !== null ? 'degraded' : 'ok',
    build: config.build,
    flags: { telemetry: flags.telemetry, audit: flags.audit, auth: flags.auth },
    gate: { state: report?.state ?? 'not_asked' },
    breakers,
    delivery: {
      dirty: waiting,
      oldest_age_ms: dirty.oldest_ms === null || waiting === 0 ? null : Math.max(0, clock.now_ms() - dirty.oldest_ms),
      per_minute: last?.per_minute ?? 0,
      failing_since_ms,
    },
  };
}
