/** What a migration is told, and what it works with. */
import type { Clock } from '../clock.ts';
import type { ImportStore, LegacyFile } from '../stores/import.ts';
import type { MigrationPlan } from './checkpoint.ts';
import type { Mapping } from './mapping.ts';
import type { Sleep } from './pace.ts';

export type MigrationKind = MigrationPlan['kind'];

export interface MigrationOptions {
  readonly kind: MigrationKind;
  readonly mapping: Mapping;
  readonly tenant_id: string | null;
  /** The oldest instant to migrate, from the run's own clock; telemetry begins with the bucket that holds it. */
  readonly fromAt: (now_ms: number) => number;
  readonly dry_run: boolean;
  readonly resume: boolean;
  readonly concurrency: number;
  /** Documents written per minute and device, on Firestore; 0 is as fast as it goes. */
  readonly rate: number;
  readonly checkpoint_file: string;
}

export interface MigrationTools {
  readonly legacy: LegacyFile;
  readonly store: ImportStore;
  /** The box that moves to this Firestore, where there is one: its devices keep their buckets. */
  readonly box: ImportStore | null;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly stopping: AbortSignal;
  readonly onProgress: (phase: 'migrating' | 'verifying', done_rows: number, total_rows: number) => void;
}
