import type { Suite } from '@bas/core/suite';

/** One scheduled function: how often it runs, and the work, which says in one line what it did. */
export interface Schedule {
  readonly every_ms: number;
  readonly load: () => Promise<{ default: (suite: Suite) => Promise<string> }>;
}

export const schedules = {
  sweepSessions: { every_ms: 300_000, load: () => import('./scheduled/sweep-sessions.ts') },
  sweepRetention: { every_ms: 3_600_000, load: () => import('./scheduled/sweep-retention.ts') },
} satisfies Record<string, Schedule>;
