/** `npm run cutover -- compare`: its progress, its way to be stopped, and what it prints. */
import type { ComparedDay, Comparison } from '@bas/core/cutover/comparison';
import type { Difference } from '@bas/core/cutover/differences';
import { age } from '@bas/core/cutover/moves';
import { WAITING_MS } from '@bas/core/cutover/proving';
import type { BucketPlace } from '@bas/core/stores/journal';
import { instant, many } from './cutover-report.ts';
import { Progress } from './progress.ts';
import { stopSignal } from './stop-signal.ts';
import { printable } from './words.ts';

/** How long the batch under way may still take once the user has asked to stop. */
const STOPPING_MS = 3_000;

/** Shows how far a comparison is, and ends it at the next batch when the user asks for that. */
export class CompareProgress {
  readonly #bar = new Progress(null, 0, { paced: true });
  /** Lets the batch under way end, for a moment. */
  readonly stopping = stopSignal();
  #began = false;

  constructor() {
    this.stopping.addEventListener('abort', () => void setTimeout(() => process.exit(130), STOPPING_MS).unref());
  }

  /** Whether the user stopped it while it still waited for its turn. */
  get stoppedBefore(): boolean {
    return this.stopping.aborted && !this.#began;
  }

  readonly begin = (from: BucketPlace | null): void => {
    this.#began = true;
    if (from !== null) console.error(goingOn(from));
  };

  readonly show = ({ days, reads }: Comparison): void => {
    const { points, buckets } = totals(days);
    this.#bar.show(points, `; ${many(buckets, 'bucket')}, ${many(reads, 'read')}`);
  };

  end(): void {
    this.#bar.end();
  }
}

/** Said while another comparison has its turn. */
export function tellWaiting(): void {
  const limit = age(WAITING_MS);
  console.error(
    `Another comparison is running, perhaps the box's own: waiting for it, at most ${limit}. Ctrl-C stops.`,
  );
}

/** Said before a comparison that does not begin at the beginning. */
function goingOn({ tenant_id, device_id, start_ms }: BucketPlace): string {
  const place = `after ${tenant_id}/${device_id}, ${instant(start_ms)}`;
  return `Going on where the last comparison stopped: ${place}. --restart begins anew.`;
}

export function describeComparison(comparison: Comparison): string {
  const { days, differing, differences, unlisted, reads, scope, next } = comparison;
  const total = totals(days);
  const scopeWords = scope === 'full' ? '' : ' (what changed, and a sample of the rest)';
  return [
    ...(days.length === 0
      ? []
      : [dayTable([...days.map((day) => ({ ...day, name: dayName(day) })), { ...total, name: 'all' }])]),
    `${many(total.points, 'point')} in ${many(total.buckets, 'bucket')} compared${scopeWords} for ${many(reads, 'read')} of Firestore.`,
    ...(total.unsettled === 0
      ? []
      : [`${many(total.unsettled, 'bucket')} not delivered yet, or changing whenever looked at: compare again later.`]),
    ...(differing.length === 0
      ? [total.unsettled === 0 && next === null ? 'No difference.' : 'No difference so far.']
      : differenceLines(differing.length, differences, unlisted)),
    ...(next === null ? [] : ['Stopped on the way: the next compare goes on there.']),
  ].join('\n');
}

/** What became of the differences, or may become of them. */
export function describeRepair(repaired: number | null, { differing, differences }: Comparison): string[] {
  if (differing.length === 0) return [];
  if (repaired === null) return ['With --repair they are delivered again, as SQLite has them.'];
  const extra = differences.filter(({ sqlite, fault }) => sqlite === null && fault === null).length;
  const kept = extra === 0 ? [] : [`${many(extra, 'point')} that only Firestore has stay there: nothing is deleted.`];
  return [`${many(repaired, 'bucket')} marked to be delivered again, as SQLite has them. Compare again then.`, ...kept];
}

function differenceLines(buckets: number, differences: readonly Difference[], unlisted: number): string[] {
  const points = differences.filter(({ fault }) => fault === null).length + unlisted;
  const shown = points === 0 ? '' : `, ${many(points, 'point')}`;
  return [
    `${many(buckets, 'bucket')} with differences${shown}:`,
    ...differences.flatMap((difference) => linesOf(difference).map(printable)),
    ...(unlisted === 0
      ? []
      : [`  and ${unlisted.toLocaleString('en')} more: no more than ${differences.length} are listed.`]),
  ];
}

function linesOf({ tenant_id, device_id, timestamp_ms, sqlite, firestore, fault }: Difference): readonly string[] {
  const at = new Date(timestamp_ms).toISOString();
  if (fault !== null) return [`  ${tenant_id}/${device_id}, the bucket of ${at}`, `    Firestore  is broken: ${fault}`];
  return [
    `  ${tenant_id}/${device_id} at ${at}`,
    `    SQLite     ${sqlite ?? 'has no such point'}`,
    `    Firestore  ${firestore ?? 'has no such point'}`,
  ];
}

type Named = Omit<ComparedDay, 'day_ms'> & { readonly name: string };

function dayTable(days: readonly Named[]): string {
  const cells = days.map(({ name, buckets, points, equal, different, unsettled }) => [
    name,
    ...[buckets, points, equal, different, unsettled].map((count) => count.toLocaleString('en')),
  ]);
  const rows = [['day (UTC)', 'buckets', 'points', 'equal', 'different', 'unsettled'], ...cells];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return rows.map(line).join('\n');
}

const dayName = ({ day_ms }: ComparedDay): string => new Date(day_ms).toISOString().slice(0, 10);

function totals(days: readonly ComparedDay[]): Omit<ComparedDay, 'day_ms'> {
  const total = { buckets: 0, points: 0, equal: 0, different: 0, unsettled: 0 };
  for (const { buckets, points, equal, different, unsettled } of days) {
    total.buckets += buckets;
    total.points += points;
    total.equal += equal;
    total.different += different;
    total.unsettled += unsettled;
  }
  return total;
}
