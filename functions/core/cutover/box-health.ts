import { GateReport } from '../gate/report.ts';
import { CONCERNS } from '../model/flags.ts';
import type { Health, HealthParts } from '../observability/health.ts';
import type { Journal } from '../stores/journal.ts';
import { kindsOf } from './deliver.ts';
import { DeliveryState } from './delivery-loop.ts';

/** How a box that may move is, from its own file and from what this process saw. */
export async function boxHealth(journal: Journal, parts: HealthParts): Promise<Health> {
  const { config, clock, watch, dependencies } = parts;
  const [state, gate, delivery] = await Promise.all([journal.state(), journal.load('gate'), journal.load('delivery')]);
  const { flags, dirty } = state;
  const report = GateReport.nullable().catch(null).parse(gate);
  const last = DeliveryState.nullable().catch(null).parse(delivery);
  const failing_since_ms = flags.finalized ? null : (last?.failing_since_ms ?? null);
  const rows = kindsOf(flags).reduce((sum, kind) => sum + dirty.rows[kind], 0);
  const concerns = CONCERNS.map((concern) => [concern, watch.failing.has(concern) ? 'open' : 'closed'] as const);
  const breakers: Health['breakers'] = { ...Object.fromEntries(concerns), ...dependencies.states() };
  const open = Object.values(breakers).some((state) => state !== 'closed');
  return {
    status: open || failing_since_ms !== null ? 'degraded' : 'ok',
    build: config.build,
    flags: { telemetry: flags.telemetry, audit: flags.audit, auth: flags.auth },
    gate: { state: report?.state ?? 'not_asked' },
    breakers,
    delivery: {
      dirty: dirty.buckets + rows,
      oldest_age_ms: dirty.oldest_ms === null ? null : Math.max(0, clock.now_ms() - dirty.oldest_ms),
      per_minute: last?.per_minute ?? 0,
      failing_since_ms,
    },
  };
}
