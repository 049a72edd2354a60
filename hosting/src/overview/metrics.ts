import type { Metrics } from '../api/answers.ts';

type Value = Metrics[string];

export interface Shown {
  readonly values: readonly (readonly [string, Value])[];
  /** Names of those that found no room. */
  readonly others: readonly string[];
}

/** What is worth a line: the first of a device's numbers. */
export function firstNumber(metrics: Metrics): string | null {
  return Object.entries(metrics).find(isNumber)?.[0] ?? null;
}

function isNumber([, value]: readonly [string, Value]): boolean {
  return typeof value === 'number';
}

/** The first few metrics of a device: numbers before what tells less. */
export function shownMetrics(metrics: Metrics, most: number): Shown {
  const entries = Object.entries(metrics);
  const ordered = [...entries.filter(isNumber), ...entries.filter((entry) => !isNumber(entry))];
  return { values: ordered.slice(0, most), others: ordered.slice(most).map(([name]) => name) };
}
