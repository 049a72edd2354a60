/** What `npm run cutover` prints for people. */
import { DELIVERING_MS } from '@bas/core/cutover/delivery-loop';
import { age } from '@bas/core/cutover/moves';
import type { Proof } from '@bas/core/cutover/proof';
import type { ConcernStatus, CutoverStatus } from '@bas/core/cutover/status';
import { isMoving, kindsOf } from '@bas/core/cutover/deliver';
import type { Concern, Phase } from '@bas/core/model/flags';
import { counted, printable } from './words.ts';

/** Left column: the widest word is `telemetry`. */
const row = (name: string, text: string): string => `${name.padEnd(11)}${text}`;
const below = (text: string): string => row('', text);

const FINALIZED = 'Finalized: Firestore alone holds the data, and there is no way back.';
const UNTOLD = 'the cloud does not know of the last move yet: npm run serve tells it when Firestore answers';

export function describeStatus(status: CutoverStatus): string {
  const { flags, concerns, finalize, gate, now_ms } = status;
  const untold = status.published ? [] : [below(UNTOLD)];
  if (flags.finalized) return [FINALIZED, ...untold].join('\n');
  const checked =
    gate.checked_ms === null ? 'not asked yet' : `${gate.state.replace('_', ' ')}, ${ago(gate.checked_ms, now_ms)}`;
  return [
    ...concerns.flatMap((concern) => concernLines(concern, now_ms)),
    '',
    row('delivery', deliveryLine(status)),
    ...cutLines(status.cut_events),
    ...untold,
    row('proof', proofLine(status.proof, now_ms)),
    row('gate', checked),
    ...(concerns.every(({ next }) => next === null)
      ? wayLines('finalize', finalize, 'npm run cutover -- finalize')
      : [row('finalize', 'when all three are on firestore')]),
  ].join('\n');
}

function concernLines({ concern, phase, since_ms, next, reasons }: ConcernStatus, now_ms: number): string[] {
  const since = since_ms === 0 ? '' : `since ${when(since_ms, now_ms)}`;
  const head = row(concern, `${phase.padEnd(10)}${since}`.trimEnd());
  if (next === null) return [head];
  return [head, ...wayLines('', reasons, `npm run cutover -- advance ${concern}`, `next: ${next.to}, `)];
}

function wayLines(name: string, reasons: readonly string[], command: string, lead = ''): string[] {
  if (reasons.length === 0) return [row(name, `${lead}now: ${command}`)];
  return [row(name, `${lead}not yet:`), ...reasons.map((reason) => below(`  ${printable(reason)}`))];
}

function deliveryLine({ flags, dirty, delivery, now_ms }: CutoverStatus): string {
  if (!isMoving(flags)) return 'begins with: npm run cutover -- advance telemetry';
  const rows = kindsOf(flags).reduce((sum, kind) => sum + dirty.rows[kind], 0);
  const waiting = `${many(dirty.buckets, 'bucket')} and ${many(rows, 'row')} to deliver`;
  const oldest = dirty.oldest_ms === null ? '' : `, the oldest for ${age(now_ms - dirty.oldest_ms)}`;
  return `${waiting}${oldest}; ${paceOf(delivery, now_ms)}`;
}

function cutLines(event_ids: readonly string[]): string[] {
  if (event_ids.length === 0) return [];
  return [
    below(`${many(event_ids.length, 'audit event')} cut, because no document holds so much; whole in the box's file:`),
    ...event_ids.map((event_id) => below(`  ${printable(event_id)}`)),
  ];
}

function paceOf(delivery: CutoverStatus['delivery'], now_ms: number): string {
  if (delivery === null) return 'nobody delivers: start npm run serve';
  if (now_ms - delivery.at_ms > DELIVERING_MS)
    return `nobody delivers since ${when(delivery.at_ms, now_ms)}: start npm run serve`;
  if (delivery.failing_since_ms !== null)
    return `Firestore takes nothing since ${when(delivery.failing_since_ms, now_ms)}`;
  return `${many(delivery.per_minute, 'document')} in the last minute`;
}

export function proofLine(proof: Proof, now_ms: number): string {
  if (proof.buckets === 0) return 'nothing compared yet: npm run cutover -- compare';
  const looked = `${many(proof.points, 'point')} in ${many(proof.buckets, 'bucket')} compared for ${many(proof.reads, 'read')}`;
  const last = proof.checked_ms === 0 ? looked : `${looked}, last ${ago(proof.checked_ms, now_ms)}`;
  if (proof.differing > 0) return `${many(proof.differing, 'bucket')} with differences; ${last}`;
  if (proof.green_since_ms === null) return `the first comparison has not ended; ${last}`;
  return `green since ${when(proof.green_since_ms, now_ms)}; ${last}`;
}

/** What a step means for whoever made it. */
export function describeStep(concern: Concern, from: Phase, to: Phase): string {
  return `${concern}: ${from} -> ${to}. ${MEANING[concern](to)}`;
}

const MEANING: Readonly<Record<Concern, (to: Phase) => string>> = {
  telemetry: (to) => {
    if (to === 'dual')
      return 'What is stored is delivered to Firestore; reads are on SQLite. See how it goes with status.';
    if (to === 'firestore')
      return 'Reads come from Firestore; SQLite stays complete and answers when Firestore does not.';
    return 'Reads come from SQLite, and nothing is delivered any more.';
  },
  audit: (to) => (to === 'firestore' ? 'The audit log is read from Firestore.' : 'The audit log is read from SQLite.'),
  auth: (to) => `People are read from ${to === 'firestore' ? 'Firestore' : 'SQLite'}; every session has ended.`,
};

export const FINALIZE_PLAN = [
  'Finalizing this box:',
  '  1. for a moment nothing may be stored, and devices are told to send again shortly,',
  '  2. what Firestore lacks is delivered, and devices and people are compared one by one,',
  '  3. SQLite is not written any more: Firestore alone holds the data,',
  '  4. the functions in the cloud, which answered 503 until then, open.',
  'There is no way back.',
].join('\n');

export const many = (count: number, word: string): string =>
  counted(count, word).replace(/^\d+/, count.toLocaleString('en'));

export const instant = (time_ms: number): string =>
  `${new Date(time_ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const when = (time_ms: number, now_ms: number): string => `${instant(time_ms)} (${age(now_ms - time_ms)})`;
const ago = (time_ms: number, now_ms: number): string => `${age(now_ms - time_ms)} ago`;
