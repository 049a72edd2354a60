/** Holds a tenant's audit log against its seals. */
import { END_OF_TIME_MS, HOUR_MS } from '../clock.ts';
import { AUDIT_RETENTION_MS } from '../model/retention.ts';
import { digestOf, readSeal, SEAL_ACTION, UNREADABLE, type Seal } from '../model/seal.ts';
import type { AuditLog, WalkedEvent, WalkMark } from '../stores/contracts.ts';
import type { TimeRange } from '../stores/telemetry-contract.ts';
import { chainFindings, hasHead, idsAfter, type Head } from './chain.ts';
import type { Finding } from './findings.ts';
import { punctuality, WAITING_MS, type Beginning } from './punctuality.ts';

/** What expires within it is not looked for: it may leave meanwhile. */
const MARGIN_MS = HOUR_MS;
const PAGE = 500;

export interface Verification {
  readonly tenant_id: string;
  readonly events: number;
  readonly seals: number;
  /** The newest seal, to be kept elsewhere; null without one. */
  readonly head: Head | null;
  /** Events that no seal covers yet. */
  readonly unsealed: { readonly events: number; readonly since_ms: number } | null;
  /** Events that came late and were taken in by an operator, each with the seal that did. */
  readonly late: readonly LateEvent[];
  /** When sealing began, if there were events before: of those nobody knows what was done to them until then. */
  readonly beginning: Beginning | null;
  readonly kept: KeptSeal;
  readonly findings: readonly Finding[];
}

export interface LateEvent {
  readonly event_id: string;
  readonly timestamp_ms: number;
  readonly seal: number;
}

/** Whether there was a seal to look for, or it would have expired here. */
export type KeptSeal = 'none' | 'expired' | 'looked_for';

export interface VerifyOptions {
  readonly tenant_id: string;
  /** When the events were read. */
  readonly now_ms: number;
  /** A seal as it was kept elsewhere: the chain must still have it. Until there, what was sealed late was seen then. */
  readonly kept?: Head | undefined;
  /** The newest seal as an export says it. */
  readonly exported?: Head | undefined;
}

interface Stored {
  readonly timestamp_ms: number;
  readonly digest: string;
}

/**
 * Everything that is kept, oldest first. What is of a later time than now, by a clock that was ahead, is read before the
 * rest: so what a seal covers was stored when the seal was read.
 */
export async function* walkAll(audit: AuditLog, now_ms: number): AsyncGenerator<WalkedEvent> {
  const ahead: WalkedEvent[] = [];
  for await (const event of walkRange(audit, { start_ms: now_ms + 1, end_ms: END_OF_TIME_MS })) ahead.push(event);
  yield* walkRange(audit, { start_ms: 0, end_ms: now_ms + 1 });
  yield* ahead;
}

async function* walkRange(audit: AuditLog, range: TimeRange): AsyncGenerator<WalkedEvent> {
  let after: WalkMark | null = null;
  do {
    const page: Awaited<ReturnType<AuditLog['walk']>> = await audit.walk(range, { after, limit: PAGE });
    yield* page.events;
    after = page.next;
  } while (after !== null);
}

/** Reads every event once, oldest first; keeps an id and a digest of each. */
export async function verify(
  walked: AsyncIterable<WalkedEvent>,
  { tenant_id, now_ms, kept, exported }: VerifyOptions,
): Promise<Verification> {
  const oldest_ms = now_ms - AUDIT_RETENTION_MS + MARGIN_MS;
  const stored = new Map<string, Stored>();
  const [seals, findings]: [Seal[], Finding[]] = [[], []];
  for await (const { event_id, timestamp_ms, event } of walked) {
    if (timestamp_ms < oldest_ms) continue;
    const digest = event === null ? UNREADABLE : digestOf(event);
    if (event?.action !== SEAL_ACTION) stored.set(event_id, { timestamp_ms, digest });
    if (event === null) findings.push({ kind: 'unreadable', event_id, timestamp_ms });
    if (event?.action !== SEAL_ACTION) continue;
    const seal = event.tenant_id === tenant_id ? readSeal(event) : null;
    if (seal === null) findings.push({ kind: 'seal_changed', event_id, timestamp_ms });
    else seals.push(seal);
  }
  const { head, until_ms, ...chain } = chainFindings(tenant_id, seals, { oldest_ms, wanted: [kept, exported] });
  const known_seal = kept !== undefined && hasHead(seals, kept) ? kept.seal : 0;
  const { beginning, ...punctual } = punctuality(seals, { oldest_ms, known_seal });
  const compared = compare(stored, seals, { oldest_ms, until_ms });
  const { unsealed, late } = compared;
  const waiting: Finding[] =
    unsealed !== null && unsealed.since_ms < now_ms - WAITING_MS ? [{ kind: 'unsealed', ...unsealed }] : [];
  const missing = chain.findings.flatMap((finding) => (finding.kind === 'seal_missing' ? [finding.event_id] : []));
  const disguised = asDisguised([...missing, ...idsAfter(tenant_id, head)], stored);
  const late_findings = [...punctual.findings, ...waiting];
  const all = toldOnce([...findings, ...disguised, ...chain.findings, ...compared.findings, ...late_findings]);
  const counts = { events: stored.size, seals: seals.length };
  return { tenant_id, ...counts, head, unsealed, late, beginning, kept: keptSeal(kept, oldest_ms), findings: all };
}

function keptSeal(kept: Head | undefined, oldest_ms: number): KeptSeal {
  if (kept === undefined) return 'none';
  return kept.sealed_ms < oldest_ms ? 'expired' : 'looked_for';
}

/** Every sealed event must be stored as it was, and every stored one of a sealed time must be in a seal. */
function compare(
  stored: ReadonlyMap<string, Stored>,
  seals: readonly Seal[],
  { oldest_ms, until_ms }: { readonly oldest_ms: number; readonly until_ms: number },
): Pick<Verification, 'unsealed' | 'late' | 'findings'> {
  const sealed = new Set<string>();
  const findings: Finding[] = [];
  const late: LateEvent[] = [];
  for (const { manifest } of seals) {
    const { seal, from_ms } = manifest;
    for (const [event_id, timestamp_ms, digest] of manifest.events) {
      sealed.add(event_id);
      if (timestamp_ms < oldest_ms) continue;
      const found = stored.get(event_id);
      const about = { event_id, timestamp_ms, seal };
      if (timestamp_ms < from_ms) late.push(about);
      if (found === undefined) findings.push({ kind: 'removed', ...about });
      else if (found.timestamp_ms !== timestamp_ms)
        findings.push({ kind: 'moved', ...about, to_ms: found.timestamp_ms });
      else if (found.digest !== digest) findings.push({ kind: 'changed', ...about });
    }
  }
  const waiting: number[] = [];
  for (const [event_id, { timestamp_ms }] of stored) {
    if (sealed.has(event_id)) continue;
    if (timestamp_ms < until_ms) findings.push({ kind: 'added', event_id, timestamp_ms });
    else waiting.push(timestamp_ms);
  }
  const [since_ms] = waiting;
  return { unsealed: since_ms === undefined ? null : { events: waiting.length, since_ms }, late, findings };
}

/** A seal that is not among the seals may have been made something else. */
function asDisguised(seal_ids: readonly string[], stored: ReadonlyMap<string, Stored>): readonly Finding[] {
  return seal_ids.flatMap((event_id) => {
    const found = stored.get(event_id);
    return found === undefined ? [] : [{ kind: 'seal_changed', event_id, timestamp_ms: found.timestamp_ms }];
  });
}

/** Of an event that is no event any more, or a seal that is none, nothing else is told. */
function toldOnce(findings: readonly Finding[]): readonly Finding[] {
  const told = new Set(findings.flatMap((finding) => (isWhole(finding) ? [finding.event_id] : [])));
  return findings.filter((finding) => isWhole(finding) || !('event_id' in finding) || !told.has(finding.event_id));
}

function isWhole(finding: Finding): finding is Finding & { readonly kind: 'unreadable' | 'seal_changed' } {
  return finding.kind === 'unreadable' || finding.kind === 'seal_changed';
}
