import type { MigrationPlan } from './checkpoint.ts';
import { refusedRows, type Tally, type Told } from './tally.ts';

/** The legacy file compared with what is stored after it, unit by unit. */
export interface Verification {
  /** Users, batches of events, or buckets of a device. */
  readonly units: number;
  /** Users, events or points that should be stored. */
  readonly expected: number;
  readonly equal: number;
  readonly missing: Told;
  readonly different: Told;
  /** Of the equal: people whose hash was renewed at a sign-in since, and is kept. */
  readonly renewed: number;
  /** SHA-256 over what is stored of it: equal for two runs that stored the same. */
  readonly checksum: string;
}

export interface MigrationReport extends MigrationPlan, Tally {
  /** The clock that decided what has expired. */
  readonly now_ms: number;
  readonly dry_run: boolean;
  /** Devices met in the asked time; all of them are registered. */
  readonly devices: number;
  /** Of those, the ones that were not there before this run. */
  readonly new_devices: number;
  readonly documents_written: number;
  readonly documents_read: number;
  readonly migrating_ms: number;
  readonly verifying_ms: number;
  readonly verification: Verification;
}

/** Everything that was asked for is stored as it was. */
export function isClean(report: MigrationReport): boolean {
  const { missing, different } = report.verification;
  if (refusedRows(report) > 0 || report.conflicts.count > 0 || different.count > 0) return false;
  return report.dry_run || missing.count === 0;
}
