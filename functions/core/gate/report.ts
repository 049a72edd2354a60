/** What the gate remembers and tells: plain JSON, the same in SQLite, in Firestore and in an answer. */
import * as z from 'zod';
import { MINUTE_MS } from '../clock.ts';
import { Finding, standingOf, type FreshFinding, type GateConcern } from './findings.ts';

/** `not_ready`: a move waits for something. `unknown`: nothing could be learnt. */
export const GateState = z.enum(['ready', 'not_ready', 'unknown', 'emulator']);
export type GateState = z.infer<typeof GateState>;

export const GateReport = z.object({
  state: GateState,
  checked_ms: z.number(),
  /** When the next check is due; every process that shares the store keeps to it. */
  next_check_ms: z.number(),
  /** Which database was asked, and against which requirements: an answer about others counts for nothing. */
  about: z.string(),
  findings: z.array(Finding),
});
export type GateReport = z.infer<typeof GateReport>;

export function stateOf(findings: readonly FreshFinding[]): GateState {
  const standings = findings.map(standingOf);
  if (standings.includes('unknown')) return 'unknown';
  if (standings.includes('emulator')) return 'emulator';
  return findings.some((finding) => finding.concern !== null && standingOf(finding) !== 'good') ? 'not_ready' : 'ready';
}

export interface Move {
  readonly concern: GateConcern;
  /** `deployed`: writes are to go there, and what time alone will mend may still be building. `ready`: reads are. */
  readonly need: 'deployed' | 'ready';
  /** The operator said that an emulator is meant. It excuses nothing else. */
  readonly emulator: boolean;
}

/** What stands in the way of a move; none means that the gate is open for it. */
export function blockersOf(report: GateReport, { concern, need, emulator }: Move): readonly Finding[] {
  return report.findings.filter((finding) => {
    switch (standingOf(finding)) {
      case 'good':
        return false;
      case 'waiting':
        return finding.concern === concern && need === 'ready';
      case 'wrong':
        return finding.concern === concern;
      case 'unknown':
        return true;
      case 'emulator':
        return !emulator;
    }
  });
}

/** A finding in one line; one that waits tells how long it has been seen to. */
export function describe({ subject, detail, ...finding }: Finding, now_ms: number): string {
  const minutes = Math.floor((now_ms - finding.since_ms) / MINUTE_MS);
  const seen = standingOf(finding) === 'waiting' && minutes > 0 ? ` Seen so for ${minutes} min.` : '';
  return `${subject}: ${detail}${seen}`;
}
