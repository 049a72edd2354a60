/** The cutover in the hands of one person: what the door of platform administrators is handed, and nothing more. */
import { SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { AuditAction } from '../model/audit.ts';
import { ALL_FIRESTORE } from '../model/flags.ts';
import type { AuditLog } from '../stores/contracts.ts';
import { NO_ROWS } from '../stores/journal.ts';
import type { Suite } from '../suite.ts';
import { advance, type AdvanceOptions } from './advance.ts';
import { cutoverAnswer } from './answers.ts';
import { cutoverEvent, type Operator } from './events.ts';
import { finalize } from './finalize.ts';
import { boxParts, type BoxParts } from './parts.ts';
import { NO_PROOF } from './proof.ts';
import { proveFor } from './proving.ts';
import { reasonsOf } from './refused.ts';
import { rollback } from './rollback.ts';
import { NO_PROJECT, type CutoverAnswer, type CutoverBody } from './shapes.ts';
import { status, type CutoverStatus } from './status.ts';
import { misplaced } from './step-options.ts';

/** A request must be answered; a comparison that takes longer goes on where it stopped. */
const COMPARING_MS = 20 * SECOND_MS;

export interface CutoverControl {
  status(): Promise<CutoverAnswer>;
  /** Does it and answers how things stand then; throws a refusal with every reason, which is audited. */
  act(body: CutoverBody): Promise<CutoverAnswer>;
}

export interface ControlParts {
  readonly suite: Suite;
  readonly by: Operator;
  /** Of the operator's own tenant. */
  readonly audit: AuditLog;
}

export function cutoverControl(parts: ControlParts): CutoverControl {
  const { suite, by } = parts;
  const stands = async (): Promise<CutoverAnswer> => cutoverAnswer(await standing(suite));
  return {
    status: stands,
    act: async (body) => {
      await act(await movable(parts, body), body, by);
      return stands();
    },
  };
}

async function act(parts: BoxParts, body: CutoverBody, by: Operator): Promise<void> {
  switch (body.action) {
    case 'advance': {
      await advance(parts, body.concern, by, { ...optionsOf(parts, body), comparing_ms: COMPARING_MS });
      return;
    }
    case 'rollback':
      await rollback(parts, body.concern, by, body.reason);
      return;
    case 'compare':
      await proveFor(parts, COMPARING_MS, { wait_ms: COMPARING_MS });
      return;
    case 'finalize':
      await finalize(parts, by);
  }
}

/** What is asked of a step that has no use for it is refused: whoever asked must not think that it was heeded. */
function optionsOf({ journal }: BoxParts, asked: Extract<CutoverBody, { action: 'advance' }>): AdvanceOptions {
  const { concern, emulator, min_green_ms, backfill_start_ms, waive_older: waive } = asked;
  const options = { emulator, min_green_ms, backfill_start_ms, waive };
  const wrong = misplaced(concern, journal.flags(), options);
  if (wrong === null) return options;
  const field = wrong.option === 'waive' ? 'waive_older' : wrong.option;
  throw new Problem('malformed_request', `${field}: belongs ${wrong.belongs}.`);
}

const ACTIONS = {
  advance: 'cutover.advance',
  rollback: 'cutover.rollback',
  finalize: 'cutover.finalize',
} as const satisfies Record<string, AuditAction>;

/** A home that cannot be moved refuses every move, and tells of it like any other refusal. */
async function movable({ suite, by, audit }: ControlParts, body: CutoverBody): Promise<BoxParts> {
  try {
    return await boxParts(suite);
  } catch (error) {
    const reasons = reasonsOf(error);
    if (reasons !== null && body.action !== 'compare') {
      const target = body.action === 'finalize' ? 'box' : body.concern;
      const facts = { outcome: 'refused', target, detail: reasons.join(' ') } as const;
      await audit.append(cutoverEvent(suite, by, ACTIONS[body.action], facts));
    }
    throw error;
  }
}

async function standing(suite: Suite): Promise<CutoverStatus> {
  const { box } = await suite.home();
  const { clock } = suite;
  if (box === null) return finalizedHome(clock.now_ms());
  if (box.cloud !== null) return status(await boxParts(suite));
  const gate = { remembered: () => Promise.resolve(null) };
  return status({ journal: box.journal, clock, gate, against: [NO_PROJECT] });
}

/** A home on Firestore alone: it never was a box, or its box is gone. */
function finalizedHome(now_ms: number): CutoverStatus {
  const flags = ALL_FIRESTORE;
  const concerns = (['telemetry', 'audit', 'auth'] as const).map((concern) => {
    return { concern, phase: flags[concern], since_ms: 0, next: null, reasons: [] };
  });
  return {
    now_ms,
    flags,
    concerns,
    finalize: ['This home is on Firestore alone already.'],
    dirty: { buckets: 0, rows: NO_ROWS, oldest_ms: null, older_buckets: 0 },
    delivery: null,
    cut_events: [],
    published: true,
    proof: NO_PROOF,
    gate: { state: 'not_asked', checked_ms: null },
  };
}
