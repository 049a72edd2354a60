/** Holds seals against each other. */
import { sealId, type Seal } from '../model/seal.ts';
import type { Finding } from './findings.ts';

/** A seal as it is kept elsewhere. */
export interface Head {
  readonly seal: number;
  readonly digest: string;
  readonly sealed_ms: number;
}

interface Chain {
  readonly findings: readonly Finding[];
  readonly head: Head | null;
  /** Every event before it is in a seal. */
  readonly until_ms: number;
}

/** So many missing seals in a row are named one by one. */
const MOST_NAMED = 100;

/** Whether each seal was put on the one before it, and whether the first of them may be the first. */
export function chainFindings(
  tenant_id: string,
  seals: readonly Seal[],
  { oldest_ms, wanted }: { readonly oldest_ms: number; readonly wanted: readonly (Head | undefined)[] },
): Chain {
  const chain = seals.toSorted((a, b) => a.manifest.seal - b.manifest.seal);
  const missing = (seal: number, and_before: boolean): Finding => {
    return { kind: 'seal_missing', seal, and_before, event_id: sealId(tenant_id, seal) };
  };
  const findings = chain.flatMap((seal, at): Finding[] => {
    const { manifest } = seal;
    const before = chain[at - 1];
    if (before === undefined) {
      const { previous } = manifest;
      return previous === null || previous.sealed_ms < oldest_ms ? [] : [missing(manifest.seal - 1, true)];
    }
    const gap = manifest.seal - before.manifest.seal - 1;
    if (gap > 0) {
      const first = Math.max(0, gap - MOST_NAMED);
      return Array.from({ length: gap - first }, (_, nth) => {
        return missing(before.manifest.seal + 1 + first + nth, first > 0 && nth === 0);
      });
    }
    return follows(before, seal) ? [] : [replaced(before)];
  });
  const last = chain.at(-1);
  const head = last === undefined ? null : headOf(last);
  const lost = wanted.flatMap((kept) => {
    return kept === undefined || goesOnFrom(kept, chain, oldest_ms) ? [] : [notContinued(kept)];
  });
  return { findings: [...findings, ...lost], head, until_ms: last?.manifest.until_ms ?? -Infinity };
}

/** The ids of the next seals: nothing else may have them. */
export function idsAfter(tenant_id: string, head: Head | null): readonly string[] {
  return Array.from({ length: MOST_NAMED }, (_, nth) => sealId(tenant_id, (head?.seal ?? 0) + 1 + nth));
}

function follows({ manifest, digest }: Seal, { manifest: next }: Seal): boolean {
  // One may begin before the end of the other, after a clock that was ahead; between them there may be nothing.
  return next.previous?.digest === digest && next.seal === manifest.seal + 1 && next.from_ms <= manifest.until_ms;
}

function replaced({ manifest: { seal, sealed_ms }, event_id }: Seal): Finding {
  return { kind: 'seal_replaced', seal, event_id, timestamp_ms: sealed_ms };
}

function notContinued({ seal }: Head): Finding {
  return { kind: 'not_continued', seal };
}

export function headOf({ manifest: { seal, sealed_ms }, digest }: Seal): Head {
  return { seal, digest, sealed_ms };
}

/** A seal that was kept and has expired here says nothing any more. */
function goesOnFrom(kept: Head, chain: readonly Seal[], oldest_ms: number): boolean {
  return kept.sealed_ms < oldest_ms || hasHead(chain, kept);
}

export function hasHead(seals: readonly Seal[], { seal, digest }: Head): boolean {
  return seals.some((each) => each.manifest.seal === seal && each.digest === digest);
}
