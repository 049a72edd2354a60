/** Whether events were sealed soon after they happened: seals that are made anew come late. */
import { DAY_MS } from '../clock.ts';
import type { Seal } from '../model/seal.ts';
import type { Finding } from './findings.ts';

/** Whoever seals does so every few minutes: events that have waited for longer wait for nobody. */
export const WAITING_MS = DAY_MS;

/** The first of all seals, and how many events it came too late for. */
export interface Beginning {
  readonly sealed_ms: number;
  readonly older_events: number;
}

export interface Punctuality {
  readonly findings: readonly Finding[];
  /** Null when nothing is older than the beginning, or when it has expired. */
  readonly beginning: Beginning | null;
}

/** Seals up to `known_seal` were looked at before. */
export function punctuality(
  seals: readonly Seal[],
  { oldest_ms, known_seal }: { readonly oldest_ms: number; readonly known_seal: number },
): Punctuality {
  const began_ms = seals.find(({ manifest }) => manifest.previous === null)?.manifest.sealed_ms ?? -Infinity;
  const findings: Finding[] = [];
  const sealed = new Set<string>();
  let older_events = 0;
  for (const { manifest, event_id } of seals) {
    const { seal, sealed_ms, from_ms, previous } = manifest;
    // One that is of its run's first, or of a clock that was ahead, does not say when it was made.
    const timed = sealed_ms - 1 !== previous?.sealed_ms;
    const times = manifest.events.flatMap(([id, ms, digest]) => {
      const again = sealed.has(`${id} ${digest}`);
      sealed.add(`${id} ${digest}`);
      // What came late, an operator has looked at.
      return !again && ms >= from_ms && ms >= oldest_ms && ms < sealed_ms - WAITING_MS ? [ms] : [];
    });
    const late = times.filter((ms) => ms >= began_ms - WAITING_MS);
    older_events += times.length - late.length;
    const [since_ms] = late;
    if (since_ms === undefined || !timed || seal <= known_seal) continue;
    findings.push({ kind: 'sealed_late', seal, event_id, timestamp_ms: sealed_ms, events: late.length, since_ms });
  }
  return { findings, beginning: older_events === 0 ? null : { sealed_ms: began_ms, older_events } };
}
