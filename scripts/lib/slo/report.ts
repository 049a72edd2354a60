import { failuresAllowed, type Judged, type LevelName } from '@bas/core/observability/service-levels';

const TITLES: Readonly<Record<LevelName, string>> = {
  p50_ms: 'last 100 points, P50',
  p95_ms: 'last 100 points, P95',
  availability: 'availability',
  reads: 'reads a minute and dashboard',
};

/** The levels as a table, and what it comes to. */
export function reportOf(judged: Judged, about: string): string {
  const rows = Object.values(judged.levels).map(({ name, measured, promised, kept }) => {
    const least = name === 'availability' ? 'at least' : 'at most';
    const verdict = measured === null ? 'not judged' : kept ? 'kept' : 'BREACHED';
    return `  ${TITLES[name].padEnd(30)}${valueOf(name, measured).padStart(10)}   ${`${least} ${valueOf(name, promised)}`.padEnd(18)} ${verdict}`;
  });
  const { requests, failures, timed, reads_per_minute } = judged;
  const counted =
    `${whole(requests)} answers, ${whole(failures)} of them failed; ${whole(timed)} of "last 100 points"; ` +
    `${reads_per_minute.toFixed(1)} documents read a minute.`;
  return [about, '', ...rows, '', counted, verdictOf(judged)].join('\n');
}

function verdictOf({ requests, timed, breached }: Judged): string {
  if (requests === 0 && timed === 0) return 'No data: nobody asked, or nobody counted.';
  if (breached.length === 0) return 'Kept.';
  return `Breached: ${breached.map((name) => TITLES[name]).join('; ')}.`;
}

export interface Day {
  readonly start_ms: number;
  readonly judged: Judged;
}

export interface Week {
  readonly days: readonly Day[];
  readonly whole: Judged;
  /** The day that is not over; null at its very start. */
  readonly today: Day | null;
  readonly source: string;
}

/** Seven days as Markdown, for the weekly review. */
export function weeklyReport({ days, whole: week, today, source }: Week): string {
  const [first, last] = [days[0]?.start_ms ?? 0, days.at(-1)?.start_ms ?? 0];
  const bad = days.filter(({ judged }) => judged.breached.length > 0);
  return [
    `# Availability, ${dateOf(first)} to ${dateOf(last)}`,
    '',
    `Days in UTC; source: ${source}.`,
    '',
    '| Day | Answers | Failed | Availability | P50 | P95 | Reads a minute and dashboard |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...days.map(({ start_ms, judged }) => row(dayName(start_ms), judged)),
    row('**Week**', week),
    ...(today === null ? [] : [row(`${dayName(today.start_ms)}, so far`, today.judged)]),
    '',
    'Promised: availability at least 99.5 %, P50 at most 300 ms, P95 at most 800 ms, at most 50 reads.',
    '',
    budgetOf(week),
    ...(bad.length === 0 ? [] : ['', ...bad.map(breachOf)]),
    '',
    `The week: ${verdictOf(week)}`,
  ].join('\n');
}

function row(name: string, { requests, failures, levels }: Judged): string {
  const cells = Object.values(levels).map((level) => [level.name, valueOf(level.name, level.measured)] as const);
  const { p50_ms, p95_ms, availability, reads } = Object.fromEntries(cells);
  return `| ${[name, whole(requests), whole(failures), availability, p50_ms, p95_ms, reads].join(' | ')} |`;
}

/** How much of the failures that a level allows are used up tells more than the level itself. */
function budgetOf({ requests, failures }: Judged): string {
  const allowed = Math.floor(requests * failuresAllowed);
  if (requests === 0) return 'No answers, so no failures are allowed or used.';
  const used = allowed === 0 ? '' : `, ${((failures / allowed) * 100).toFixed(0)} % of them`;
  return `Failures allowed: ${whole(allowed)}; used: ${whole(failures)}${used}.`;
}

function breachOf({ start_ms, judged }: Day): string {
  const what = judged.breached.map((name) => `${TITLES[name]} ${valueOf(name, judged.levels[name].measured)}`);
  return `- ${dayName(start_ms)} breached: ${what.join('; ')}.`;
}

/** Rounded for the worse, so that nothing reads as kept that was not. */
function valueOf(name: LevelName, value: number | null): string {
  if (value === null) return 'no data';
  if (name === 'availability') return `${percent(value)} %`;
  const tenths = String(Math.ceil(value * 10 - 1e-6) / 10);
  return name === 'reads' ? tenths : `${tenths} ms`;
}

function percent(share: number): string {
  return String(Math.floor(share * 1e5 + 1e-6) / 1e3);
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}

function dateOf(time_ms: number): string {
  return new Date(time_ms).toISOString().slice(0, 10);
}

function dayName(start_ms: number): string {
  return `${new Date(start_ms).toUTCString().slice(0, 3)} ${dateOf(start_ms)}`;
}
