/** How far a migration is, so that one that died goes on where it was. Putting again is safe, so it may lag behind. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { SetupError } from '../errors.ts';
import { makePrivateFolder } from '../private-folder.ts';
import { Tally } from './tally.ts';

/** What decides which units there are. A checkpoint of another plan is not this run's. */
export const MigrationPlan = z.object({
  kind: z.enum(['users', 'audit', 'telemetry']),
  from: z.string(),
  to: z.string(),
  tenant_id: z.string().nullable(),
  /** Digest of the mapping. */
  mapping: z.string(),
  from_ms: z.number(),
});
export type MigrationPlan = z.infer<typeof MigrationPlan>;

const Checkpoint = z.object({
  plan: MigrationPlan,
  /** The legacy file as it was: another one has other units. */
  legacy: z.string(),
  /** The clock of the first run, by which what has expired is decided. */
  now_ms: z.int(),
  units: z.int(),
  tally: Tally,
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** Null when there is none: a run that died before its first, or none at all. */
export function readCheckpoint(file: string): Checkpoint | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new SetupError(`${file} cannot be read: run again without --resume.`, { cause: error });
  }
  try {
    return Checkpoint.parse(JSON.parse(text));
  } catch (error) {
    throw new SetupError(`${file} is no checkpoint: run again without --resume.`, { cause: error });
  }
}

/** Replaces the file in one step; on disk before it counts. */
export function saveCheckpoint(file: string, checkpoint: Checkpoint): void {
  const draft = `${file}.tmp`;
  try {
    makePrivateFolder(dirname(file));
    const handle = openSync(draft, 'w', 0o600);
    try {
      writeSync(handle, JSON.stringify(checkpoint));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SetupError(`The checkpoint ${file} cannot be written: ${why}.`, { cause: error });
  }
}

export function removeCheckpoint(file: string): void {
  rmSync(file, { force: true });
}

/** Tells whether a legacy file changed: its size and time, and those of the write-ahead log beside it. */
export function stampOf(file: string): string {
  const parts = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false }));
  return parts.map((found) => (found === undefined ? '-' : `${found.size}@${Math.floor(found.mtimeMs)}`)).join(' ');
}
