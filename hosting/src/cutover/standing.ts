/** What a person wants to know of the cutover, drawn from what the server says of it. Pure. */
import { DEFAULT_MIN_GREEN_MS, SETTLED_MS } from '@bas/core/cutover/limits';
import { NO_PROJECT } from '@bas/core/cutover/shapes';
import type { Cutover } from '../api/answers.ts';
import { duration } from '../lib/words.ts';

export type Concern = Cutover['concerns'][number]['concern'];
export type Target = Concern | 'finalize';

export interface Move {
  readonly target: Target;
  readonly from: string;
  readonly to: string;
  /** Why the server would refuse it now, as far as it knows; none means go. */
  readonly reasons: readonly string[];
}

/** The one move to make next; null when all is done, or nothing can be moved. */
export function nextMove(status: Cutover): Move | null {
  if (homeOf(status) !== 'box' || status.finalized) return null;
  for (const { concern, next, reasons } of status.concerns) {
    if (next !== null) return { target: concern, ...next, reasons };
  }
  return { target: 'finalize', from: 'both', to: 'firestore', reasons: status.finalize.reasons };
}

export type Home = 'box' | 'no_project' | 'firestore_alone';

/** A box that may move, one that knows of no project to move to, or a home that never was a box. */
export function homeOf({ finalized, concerns }: Cutover): Home {
  const moved = concerns.some(({ since_ms }) => since_ms !== null);
  if (finalized && !moved) return 'firestore_alone';
  return concerns.some(({ reasons }) => reasons.includes(NO_PROJECT)) ? 'no_project' : 'box';
}

/** Whether there is something to watch from one moment to the next. */
export function isMoving({ dirty, concerns, closing_until_ms, finalized }: Cutover): boolean {
  const busy = concerns.some(({ phase }) => phase === 'dual' || phase === 'moving');
  return !finalized && (busy || dirty.buckets > 0 || closing_until_ms !== null);
}

export interface Precondition {
  readonly label: string;
  /** Null where only the move itself can tell. */
  readonly met: boolean | null;
  readonly detail: string;
}

/** What the operator said with the move; what is undefined is not said. */
export interface StepOptions {
  readonly min_green_ms?: number | undefined;
  readonly waive_older?: string | undefined;
  readonly backfill_start_ms?: number | undefined;
  readonly emulator?: boolean | undefined;
}

/** Everything a move asks for, with how it stands. */
export function preconditionsOf(status: Cutover, move: Move, options: StepOptions): readonly Precondition[] {
  const reaching = [answers(status)];
  switch (move.target) {
    case 'telemetry':
      if (move.to === 'dual') return [...reaching, gate(status, options)];
      return [...reaching, gate(status, options), ...delivered(status, options), ...proven(status, options)];
    case 'audit':
      return [earlier(status, 'telemetry'), ...reaching, gate(status, options)];
    case 'auth':
      return [earlier(status, 'audit'), ...reaching];
    case 'finalize':
      return [
        ...status.concerns.map(({ concern }) => earlier(status, concern)),
        ...reaching,
        nothingLeft(status),
        older(status, options),
      ];
  }
}

function answers({ delivery, now_ms }: Cutover): Precondition {
  const failing_since_ms = delivery?.failing_since_ms ?? null;
  const label = 'Firestore answers';
  if (delivery === null) return { label, met: null, detail: 'asked when you move' };
  if (failing_since_ms === null) return { label, met: true, detail: 'the last delivery went through' };
  return { label, met: false, detail: `not since ${duration(now_ms - failing_since_ms)}` };
}

function gate({ gate: { state, checked_ms }, now_ms }: Cutover, { emulator = false }: StepOptions): Precondition {
  const label = 'Indexes and TTL are ready';
  const asked = checked_ms === null ? '' : `, asked ${duration(now_ms - checked_ms)} ago`;
  switch (state) {
    case 'ready':
      return { label, met: true, detail: `ready${asked}` };
    case 'emulator':
      return {
        label,
        met: emulator,
        detail: emulator ? 'an emulator is meant' : 'an emulator proves nothing: tick it under Options to go on',
      };
    case 'not_asked':
      return { label, met: null, detail: 'asked when you move' };
    default:
      return { label, met: null, detail: `${state === 'not_ready' ? 'not all were' : 'nothing was learnt'}${asked}` };
  }
}

function earlier({ concerns }: Cutover, concern: Concern): Precondition {
  const phase = concerns.find((known) => known.concern === concern)?.phase ?? 'sqlite';
  return { label: `${NAMES[concern]} is on Firestore`, met: phase === 'firestore', detail: `on ${phase}` };
}

function delivered(status: Cutover, options: StepOptions): readonly Precondition[] {
  const { dirty, now_ms } = status;
  const age_ms = dirty.oldest_ms === null ? 0 : now_ms - dirty.oldest_ms;
  const waiting =
    dirty.buckets === 0 ? 'nothing waits' : `the oldest of ${dirty.buckets} waits for ${duration(age_ms)}`;
  return [
    { label: 'Nothing waits for more than two minutes', met: age_ms <= SETTLED_MS, detail: waiting },
    older(status, options),
  ];
}

function older({ dirty, waived }: Cutover, { waive_older }: StepOptions): Precondition {
  const is_waived = waived !== null || waive_older !== undefined;
  return {
    label: 'Older history is in Firestore, or waived',
    met: dirty.older_buckets === 0 || is_waived,
    detail:
      dirty.older_buckets === 0
        ? 'none is missing'
        : `${dirty.older_buckets.toLocaleString()} buckets are not${is_waived ? ', waived' : ''}`,
  };
}

function proven({ proof, now_ms }: Cutover, options: StepOptions): readonly Precondition[] {
  const { min_green_ms = DEFAULT_MIN_GREEN_MS } = options;
  const green_ms = proof.green_since_ms === null ? 0 : now_ms - proof.green_since_ms;
  const seen = proof.full_ms !== null && proof.points > 0;
  return [
    { label: 'Everything was compared once', met: seen, detail: `${proof.points.toLocaleString()} points so far` },
    {
      label: 'No difference is known, and nothing is unsettled',
      met: seen && proof.differing === 0 && proof.unsettled === 0,
      detail: `${proof.differing} different, ${proof.unsettled} unsettled`,
    },
    {
      label: `Green for ${duration(min_green_ms)}`,
      met: proof.green_since_ms !== null && green_ms >= min_green_ms,
      detail: proof.green_since_ms === null ? 'not green yet' : `for ${duration(green_ms)} so far`,
    },
  ];
}

function nothingLeft({ dirty }: Cutover): Precondition {
  const left = dirty.buckets + Object.values(dirty.rows).reduce((sum, rows) => sum + rows, 0);
  return { label: 'Nothing is left to deliver', met: left === 0, detail: `${left.toLocaleString()} changes left` };
}

export const NAMES: Readonly<Record<Target, string>> = {
  telemetry: 'Telemetry',
  audit: 'Audit log',
  auth: 'Sign-in',
  finalize: 'Finalize',
};
