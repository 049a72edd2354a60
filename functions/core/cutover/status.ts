import { blockersOf } from '../gate/report.ts';
import { CONCERNS, type Concern, type Flags } from '../model/flags.ts';
import type { Dirty } from '../stores/journal.ts';
import { isPublished } from './claim.ts';
import { cutEvents } from './cut-events.ts';
import { DELIVERING_MS, DeliveryState } from './delivery-loop.ts';
import { DEFAULT_MIN_GREEN_MS } from './limits.ts';
import { age, nextStep, reasonsAgainst, reasonsAgainstFinalizing, type Step } from './moves.ts';
import type { BoxParts } from './parts.ts';
import { loadProof } from './proving.ts';
import type { Proof } from './proof.ts';

export interface ConcernStatus {
  readonly concern: Concern;
  readonly phase: string;
  readonly since_ms: number;
  readonly next: Step | null;
  /** Why not now, as far as is known without asking Firestore. */
  readonly reasons: readonly string[];
}

export interface CutoverStatus {
  readonly now_ms: number;
  readonly flags: Flags;
  readonly concerns: readonly ConcernStatus[];
  readonly finalize: readonly string[];
  readonly dirty: Dirty;
  readonly delivery: DeliveryState | null;
  /** Ids of audit events that are whole in the box's file alone: no document holds so much. */
  readonly cut_events: readonly string[];
  /** Whether the cloud knows of the last move; the box's server goes on telling it. */
  readonly published: boolean;
  readonly proof: Proof;
  readonly gate: { readonly state: string; readonly checked_ms: number | null };
}

export interface StatusParts extends Pick<BoxParts, 'journal' | 'clock'> {
  readonly gate: Pick<BoxParts['gate'], 'remembered'>;
  /** What stands in the way of every step, one line each. */
  readonly against?: readonly string[];
}

/** Where the box stands. Reads its own file alone: costs nothing and works while Firestore is away. */
export async function status(parts: StatusParts): Promise<CutoverStatus> {
  const { journal, clock, gate, against = [] } = parts;
  const [state, proof, report] = await Promise.all([journal.state(), loadProof(journal), gate.remembered()]);
  const now_ms = clock.now_ms();
  const { flags, dirty } = state;
  const delivery = DeliveryState.nullable()
    .catch(null)
    .parse(await journal.load('delivery'));
  const cloud = [...against, ...outage(delivery, now_ms)];
  const concerns = CONCERNS.map((concern): ConcernStatus => {
    const next = nextStep(flags, concern);
    const need = next?.to === 'dual' ? 'deployed' : 'ready';
    const gated = report === null || concern === 'auth' ? [] : blockersOf(report, { concern, need, emulator: true });
    const known = { now_ms, cloud, proof, min_green_ms: DEFAULT_MIN_GREEN_MS, waive: flags.waived };
    const reasons = reasonsAgainst(concern, state, {
      ...known,
      gate: gated.map(({ subject, detail }) => `${subject}: ${detail}`),
    });
    return {
      concern,
      phase: flags[concern],
      since_ms: flags.since_ms[concern],
      next,
      reasons: next === null ? [] : reasons,
    };
  });
  return {
    now_ms,
    flags,
    concerns,
    finalize: [...reasonsAgainstFinalizing(state), ...outage(delivery, now_ms)],
    dirty,
    delivery,
    cut_events: await cutEvents(journal),
    published: await isPublished(journal),
    proof,
    gate: { state: report?.state ?? 'not_asked', checked_ms: report?.checked_ms ?? null },
  };
}

/** What the box's own server saw of Firestore last: no step could be made, although nothing is asked here. */
function outage(delivery: DeliveryState | null, now_ms: number): readonly string[] {
  if (delivery === null || delivery.failing_since_ms === null || now_ms - delivery.at_ms > DELIVERING_MS) return [];
  return [`Firestore takes nothing since ${age(now_ms - delivery.failing_since_ms)}: wait until it answers.`];
}
