import type { Schedules } from '@bas/core/serve/schedule';

/** Every scheduled function: how often it runs, and its work. */
export const schedules = {
  sweepSessions: { every_ms: 300_000, load: () => import('./scheduled/sweep-sessions.ts') },
  sweepRetention: { every_ms: 3_600_000, load: () => import('./scheduled/sweep-retention.ts') },
  sealAudit: { every_ms: 600_000, load: () => import('./scheduled/seal-audit.ts') },
  checkIndexReadiness: { every_ms: 300_000, load: () => import('./scheduled/check-index-readiness.ts') },
  compareStores: { every_ms: 300_000, load: () => import('./scheduled/compare-stores.ts') },
  guardCutover: { every_ms: 60_000, load: () => import('./scheduled/guard-cutover.ts') },
} satisfies Schedules;
