import { DAY_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import { blockersOf, describe } from '../gate/report.ts';
import type { Concern, Flags } from '../model/flags.ts';
import { TELEMETRY_RETENTION_MS } from '../model/retention.ts';
import type { BoxState } from '../stores/journal.ts';
import { moveAuth } from './auth-move.ts';
import { publish, reasonsAgainstClaim, tellCloud } from './claim.ts';
import { cutoverEvent, type Operator } from './events.ts';
import { DEFAULT_MIN_GREEN_MS } from './limits.ts';
import { age, nextStep, reasonsAgainst, type Circumstances, type Step } from './moves.ts';
import type { BoxParts } from './parts.ts';
import { NO_PROOF } from './proof.ts';
import { loadProof, prove, proveFor, WAITING_MS } from './proving.ts';
import { carryOut, moveRefused, reasonsOf, type Decided } from './refused.ts';

export interface AdvanceOptions {
  /** Refused unless the stores have agreed for so long. */
  readonly min_green_ms?: number | undefined;
  /** An emulator is meant, which has no index gate. */
  readonly emulator?: boolean | undefined;
  /** Into `dual`: telemetry from then on is delivered. Default: all that is kept. */
  readonly backfill_start_ms?: number | undefined;
  /** How long comparing may take, and waiting for another comparison; as long as it takes when left out. */
  readonly comparing_ms?: number | undefined;
  /** Called when it has to wait for another comparison, such as the box's own. */
  readonly onWait?: (() => void) | undefined;
  /** Why history from before the backfill start may be left behind. */
  readonly waive?: string | undefined;
}

/** Takes the next step of one concern. Throws a refusal with every reason, which is audited as well. */
export async function advance(
  parts: BoxParts,
  concern: Concern,
  by: Operator,
  options: AdvanceOptions = {},
): Promise<Step> {
  const step = nextStep(parts.journal.flags(), concern);
  const circumstances = await look(parts, concern, step, options);
  const check = (state: BoxState): readonly string[] => [
    ...(step !== null && nextStep(state.flags, concern)?.to !== step.to ? ['Somebody else moved it meanwhile.'] : []),
    ...againstStart(step, options, circumstances),
    ...reasonsAgainst(concern, state, circumstances),
  ];
  if (concern === 'auth') await moveAuth(parts, by, check);
  else await take(parts, { concern, step, by, options, circumstances, check });
  if (step === null) throw moveRefused([`${concern} is on firestore already.`]);
  await tellCloud(parts);
  return step;
}

/** What comes before the start is delivered by nobody, and so would be all that comes from now on. */
function againstStart(step: Step | null, { backfill_start_ms }: AdvanceOptions, { now_ms }: Circumstances): string[] {
  if (step?.to !== 'dual' || backfill_start_ms === undefined || backfill_start_ms <= now_ms) return [];
  return ['The start of what is delivered lies in the future.'];
}

interface Taking {
  readonly concern: 'telemetry' | 'audit';
  readonly step: Step | null;
  readonly by: Operator;
  readonly options: AdvanceOptions;
  readonly circumstances: Circumstances;
  readonly check: (state: BoxState) => readonly string[];
}

async function take(parts: BoxParts, { concern, step, by, options, circumstances, check }: Taking): Promise<void> {
  const before = await parts.journal.state();
  // From here on the cloud's own functions must not take this database for theirs.
  if (check(before).length === 0) await publish(parts);
  await carryOut(parts, (state): Decided => {
    const reasons = check(state);
    const told = (outcome: 'success' | 'refused', detail: string) =>
      cutoverEvent(parts, by, 'cutover.advance', { outcome, target: concern, detail });
    if (reasons.length > 0 || step === null) return { flags: null, audit: told('refused', reasons.join(' ')), reasons };
    const flags = after(state.flags, concern, step, circumstances.now_ms, startOf(parts, options, circumstances));
    const waived = options.waive ?? state.flags.waived;
    const detail = `from ${step.from} to ${step.to}${remarks(step, options)}`;
    // Marks are kept from the first move on: there is nothing to mark twice.
    return { flags: { ...flags, waived }, audit: told('success', detail), mark_all: !parts.journal.isSet(), reasons };
  });
}

function after(flags: Flags, concern: Concern, step: Step, now_ms: number, backfill_start_ms: number): Flags {
  const since_ms = { ...flags.since_ms, [concern]: now_ms };
  if (concern === 'audit') return { ...flags, since_ms, audit: 'firestore' };
  if (step.to === 'dual') return { ...flags, since_ms, telemetry: 'dual', backfill_start_ms };
  return { ...flags, since_ms, telemetry: 'firestore' };
}

function startOf(parts: BoxParts, options: AdvanceOptions, { now_ms }: Circumstances): number {
  return options.backfill_start_ms ?? parts.backfill_start_ms ?? now_ms - TELEMETRY_RETENTION_MS - 8 * DAY_MS;
}

function remarks({ to }: Step, { min_green_ms, waive, emulator }: AdvanceOptions): string {
  const remarks: string[] = [];
  if (to === 'firestore' && min_green_ms !== undefined && min_green_ms < DEFAULT_MIN_GREEN_MS) {
    remarks.push(`green for ${age(min_green_ms)} was enough`);
  }
  if (waive !== undefined) remarks.push(`older history waived: ${waive}`);
  if (emulator === true) remarks.push('an emulator, without an index gate');
  return remarks.length === 0 ? '' : `; ${remarks.join('; ')}`;
}

async function look(
  parts: BoxParts,
  concern: Concern,
  step: Step | null,
  options: AdvanceOptions,
): Promise<Circumstances> {
  const [gate, cloud] = await Promise.all([gateReasons(parts, concern, step, options), reasonsAgainstClaim(parts)]);
  const { proof, reasons } =
    step?.from === 'dual' ? await freshProof(parts, options) : { proof: NO_PROOF, reasons: [] };
  return {
    now_ms: parts.clock.now_ms(),
    gate,
    cloud: [...cloud, ...reasons],
    proof,
    min_green_ms: options.min_green_ms ?? DEFAULT_MIN_GREEN_MS,
    waive: options.waive ?? parts.journal.flags().waived,
  };
}

async function gateReasons(
  { gate, clock }: BoxParts,
  concern: Concern,
  step: Step | null,
  { emulator }: AdvanceOptions,
): Promise<readonly string[]> {
  if (concern === 'auth' || step === null) return [];
  const { report } = await gate.check();
  const need = step.to === 'dual' ? 'deployed' : 'ready';
  const blockers = blockersOf(report, { concern, need, emulator: emulator ?? false });
  return blockers.map((finding) => describe(finding, clock.now_ms()));
}

/** What changed since the last comparison is compared now, so that the move is decided by what is true now. */
async function freshProof(parts: BoxParts, { comparing_ms, onWait }: AdvanceOptions) {
  try {
    const { proof } =
      comparing_ms === undefined
        ? await prove(parts, { wait_ms: WAITING_MS, onWait })
        : await proveFor(parts, comparing_ms, { wait_ms: comparing_ms, onWait });
    return { proof, reasons: [] };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { proof: await loadProof(parts.journal), reasons: reasonsOf(error) ?? [] };
  }
}
