/** What `npm run audit` prints for people. */
import type { Head } from '@bas/core/audit/chain';
import { describeFinding, instant } from '@bas/core/audit/findings';
import type { Beginning } from '@bas/core/audit/punctuality';
import type { LateEvent, Verification } from '@bas/core/audit/verification';
import { counted, printable } from './words.ts';

/** A head as `--head` takes it. */
export function headText(head: Head): string {
  return `${head.seal}:${head.digest}`;
}

export function describeVerification(found: Verification): string {
  const { tenant_id, events, seals, head, unsealed, late, beginning, kept, findings } = found;
  const sealed = head === null ? 'no seal' : `${counted(seals, 'seal')}, the newest ${headText(head)}`;
  const since = unsealed === null ? '' : new Date(unsealed.since_ms).toISOString();
  const lines = [
    `${tenant_id}: ${counted(events, 'event')}, ${sealed}.`,
    ...(unsealed === null ? [] : [`  ${counted(unsealed.events, 'event')} not sealed yet, since ${since}.`]),
    ...late.map((event) => `  ${describeLate(event)}`),
    ...(kept === 'none' ? [] : [`  ${KEPT[kept]}`]),
    ...(beginning === null ? [] : [`  ${describeBeginning(beginning)}`]),
    ...findings.map((finding) => `  ${describeFinding(finding)}`),
  ];
  return lines.map(printable).join('\n');
}

const KEPT = {
  expired: 'The kept seal has expired: nothing was compared with it.',
  looked_for: 'The kept seal was looked for.',
} as const;

function describeLate({ event_id, timestamp_ms, seal }: LateEvent): string {
  return `event ${event_id} of ${instant(timestamp_ms)} came late: an operator took it in by seal ${seal}.`;
}

function describeBeginning({ sealed_ms, older_events }: Beginning): string {
  return `Sealing began at ${new Date(sealed_ms).toISOString()}: ${counted(older_events, 'event')} from before are as they were then.`;
}

/** Why nothing can be said of the logs; null when something can. */
export function notKnown(all: readonly Verification[], kept_given: boolean): string | null {
  if (kept_given && !all.some(({ kept }) => kept === 'looked_for')) return 'no kept seal could be compared';
  if (all.every(({ seals }) => seals === 0)) return 'nothing is sealed; npm run audit -- seal does it at once';
  return null;
}

/** The last line: whether everything is as it was sealed. */
export function conclusion(all: readonly Verification[], kept_given: boolean): string {
  const count = all.reduce((sum, { findings }) => sum + findings.length, 0);
  if (count > 0) return `${counted(count, 'finding')}: see docs/operations.md on what to do. Nothing was changed.`;
  const why = notKnown(all, kept_given);
  return why === null ? 'Sound: every sealed event is as it was.' : `Not known: ${why}.`;
}
