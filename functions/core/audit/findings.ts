/** What a verification may find, and how it is told. */

interface About {
  readonly event_id: string;
  readonly timestamp_ms: number;
}

export type Finding =
  | (About & { readonly kind: 'changed' | 'removed'; readonly seal: number })
  | (About & { readonly kind: 'moved'; readonly seal: number; readonly to_ms: number })
  | (About & { readonly kind: 'added' | 'unreadable' | 'seal_changed' })
  | (About & { readonly kind: 'seal_replaced'; readonly seal: number })
  | (About & {
      readonly kind: 'sealed_late';
      readonly seal: number;
      readonly events: number;
      readonly since_ms: number;
    })
  | { readonly kind: 'seal_missing'; readonly seal: number; readonly and_before: boolean; readonly event_id: string }
  | { readonly kind: 'unsealed'; readonly events: number; readonly since_ms: number }
  | { readonly kind: 'not_continued'; readonly seal: number };

/** One calm line: what happened to which event. */
export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'changed':
      return `${nameOf(finding)} was changed after seal ${finding.seal} was put on it.`;
    case 'removed':
      return `${nameOf(finding)} was removed: seal ${finding.seal} has it, and it has not expired.`;
    case 'moved':
      return `${nameOf(finding)} was moved to ${instant(finding.to_ms)} after seal ${finding.seal} was put on it.`;
    case 'added':
      return `${nameOf(finding)} was added late: its time is sealed, and no seal has it.`;
    case 'unreadable':
      return `${nameOf(finding)} was changed: it can no longer be read as an event.`;
    case 'seal_changed':
      return `${nameOf(finding)} is no seal as they are made: it was changed, or somebody else made it.`;
    case 'seal_replaced':
      return `Seal ${finding.seal}, ${nameOf(finding)}, is not the one that the next seal was put on.`;
    case 'sealed_late':
      return `Seal ${finding.seal}, ${nameOf(finding)}, has ${finding.events} events since ${instant(finding.since_ms)} that were to be sealed long before: the schedule stood still, a migration came, or seals were removed.`;
    case 'seal_missing':
      return `Seal ${finding.seal}, event ${finding.event_id}, ${finding.and_before ? 'and what came before it ' : ''}was removed: it has not expired.`;
    case 'unsealed':
      return `${finding.events} events since ${instant(finding.since_ms)} are in no seal: the schedule sealAudit does not run, or seals were removed.`;
    case 'not_continued':
      return `The chain does not go on from what was kept elsewhere: seal ${finding.seal} is another one now, or gone.`;
  }
}

function nameOf({ event_id, timestamp_ms }: About): string {
  return `event ${event_id} of ${instant(timestamp_ms)}`;
}

/** In words, also when it is no time. */
export function instant(ms: number): string {
  return Number.isInteger(ms) && Math.abs(ms) <= 8_640_000_000_000_000 ? new Date(ms).toISOString() : String(ms);
}
