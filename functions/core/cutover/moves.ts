/** Which move is next for a concern, and everything that stands in its way. Pure. */
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { Concern, Flags, Phase } from '../model/flags.ts';
import type { BoxState } from '../stores/journal.ts';
import { describeDifference } from './differences.ts';
import { SETTLED_MS } from './limits.ts';
import { PROOF_HOLDS_MS, type Proof } from './proof.ts';

export interface Circumstances {
  readonly now_ms: number;
  /** What the index gate has against this move, one line each. */
  readonly gate: readonly string[];
  /** What keeps the box from Firestore, or Firestore from the box, one line each. */
  readonly cloud: readonly string[];
  readonly proof: Proof;
  readonly min_green_ms: number;
  /** In whose words history before the backfill start is left behind; null when it is not. */
  readonly waive: string | null;
}

export interface Step {
  readonly from: Phase;
  readonly to: Phase;
}

/** The next step forward; null when there is none left. */
export function nextStep(flags: Flags, concern: Concern): Step | null {
  if (concern === 'telemetry') {
    if (flags.telemetry === 'sqlite') return { from: 'sqlite', to: 'dual' };
    return flags.telemetry === 'dual' ? { from: 'dual', to: 'firestore' } : null;
  }
  const from = flags[concern];
  return from === 'firestore' ? null : { from, to: 'firestore' };
}

/** Every reason not to take the next step of `concern` now; none means go. */
export function reasonsAgainst(concern: Concern, state: BoxState, circumstances: Circumstances): readonly string[] {
  const { flags } = state;
  if (flags.finalized) return ['The box is finalized: Firestore alone holds the data, and there is no way back.'];
  const step = nextStep(flags, concern);
  if (step === null) return [`${concern} is on firestore already.`];
  const common = [...circumstances.cloud, ...circumstances.gate];
  if (concern === 'audit') return [...after(flags, 'telemetry'), ...common];
  if (concern === 'auth') return [...after(flags, 'audit'), ...common];
  if (step.to === 'dual') return common;
  return [...common, ...undelivered(state, circumstances), ...unproven(state, circumstances)];
}

function after(flags: Flags, earlier: 'telemetry' | 'audit'): readonly string[] {
  if (flags[earlier] === 'firestore') return [];
  return [`${earlier} is on ${flags[earlier]}: the order is telemetry, audit, auth.`];
}

function undelivered({ dirty }: BoxState, { now_ms, waive }: Circumstances): readonly string[] {
  const reasons: string[] = [];
  if (dirty.oldest_ms !== null && dirty.oldest_ms < now_ms - SETTLED_MS) {
    const waiting = `${count(dirty.buckets, 'bucket')} not delivered, the oldest for ${age(now_ms - dirty.oldest_ms)}`;
    reasons.push(`${waiting}: wait, or deliver faster with --rate 0 on the box.`);
  }
  if (dirty.older_buckets > 0 && waive === null) {
    const older = `${count(dirty.older_buckets, 'bucket')} from before the backfill start`;
    reasons.push(`${older} are not in Firestore: migrate them first, or waive them in words with --waive-older.`);
  }
  return reasons;
}

function unproven({ has_points }: BoxState, { proof, now_ms, min_green_ms }: Circumstances): readonly string[] {
  if (!has_points || proof.points === 0)
    return ['No point has been compared yet: post some, and let compare see them.'];
  const reasons: string[] = [];
  if (proof.differing > 0) reasons.push(`${count(proof.differing, 'bucket')} not equal; ${example(proof)}`);
  else if (proof.full_ms === null) reasons.push('The first full comparison has not ended: npm run cutover -- compare.');
  else if (now_ms - proof.checked_ms > PROOF_HOLDS_MS) {
    reasons.push(`The last comparison is ${age(now_ms - proof.checked_ms)} old: npm run cutover -- compare.`);
  }
  if (proof.unsettled > 0)
    reasons.push(
      `${count(proof.unsettled, 'bucket')} not delivered yet, or changed whenever compare looked: see status, then compare again.`,
    );
  const green_ms = proof.green_since_ms === null ? 0 : now_ms - proof.green_since_ms;
  if (proof.differing === 0 && green_ms < min_green_ms) {
    reasons.push(`Green for ${age(green_ms)}; ${age(min_green_ms)} are asked for (--min-green).`);
  }
  return reasons;
}

/** One is enough to tell what kind of difference it is. */
function example({ differences }: Proof): string {
  const [first, ...more] = differences.map(describeDifference);
  const rest = more.length === 0 ? [] : ['npm run cutover -- compare names the others.'];
  return [first ?? 'npm run cutover -- compare names them.', ...rest].join('; ');
}

function count(n: number, word: string): string {
  return `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;
}

export function age(ms: number): string {
  if (ms < MINUTE_MS) return `${String(Math.floor(ms / 1_000))} s`;
  if (ms < HOUR_MS) return `${String(Math.floor(ms / MINUTE_MS))} min`;
  return `${String(Math.floor((ms / HOUR_MS) * 10) / 10)} h`;
}

/** Every reason not to end the cutover now. */
export function reasonsAgainstFinalizing({ flags, dirty }: BoxState): readonly string[] {
  if (flags.finalized) return ['The box is finalized already.'];
  const reasons = (['telemetry', 'audit', 'auth'] as const)
    .filter((concern) => flags[concern] !== 'firestore')
    .map((concern) => `${concern} is on ${flags[concern]}: advance it first.`);
  const rows = Object.values(dirty.rows).reduce((sum, n) => sum + n, 0);
  if (dirty.buckets + rows > 0)
    reasons.push(`${count(dirty.buckets + rows, 'change')} still to deliver: wait a moment.`);
  if (dirty.older_buckets > 0 && flags.waived === null) {
    reasons.push(`${count(dirty.older_buckets, 'bucket')} from before the backfill start are not in Firestore.`);
  }
  return reasons;
}
