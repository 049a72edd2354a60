/** Where the results of long runs are kept. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Row } from '../../functions/bench/report.ts';
import { rootDir } from './paths.ts';

export const EVIDENCE = join(rootDir, 'docs', 'evidence');

/** Prints what a long run has shown and writes it to `file`, unless that is null; exits 1 when a bar does not hold. */
export function tellEvidence(report: string, rows: readonly Row[], file: string | null): void {
  if (file !== null) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, report);
  }
  console.log(report);
  if (rows.some(({ holds }) => holds === false)) process.exitCode = 1;
}
