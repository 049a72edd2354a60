/** What a person chose to see, as options of the address: so that a reload and a link show the same. */
import { formatRange, parseRange, type Range } from './range.ts';
import { AGGREGATES, type Aggregate } from './recent.ts';

export interface Choice {
  readonly range: Range;
  /** Null until somebody chooses. */
  readonly aggregate: Aggregate | null;
  readonly metrics: ReadonlySet<string> | null;
}

type Options = Readonly<Record<string, string>>;

export function choiceOf(options: Options): Choice {
  const list = options['metrics'];
  return {
    range: parseRange(options['range']),
    aggregate: AGGREGATES.find((name) => name === options['value']) ?? null,
    metrics: list === undefined ? null : new Set(list.split(',').filter((name) => name !== '')),
  };
}

/** What has to be written over `before`; null when it says the same already. */
export function optionsOf({ range, aggregate, metrics }: Choice, before: Options): Options | null {
  const written: Record<string, string> = { range: formatRange(range) };
  if (aggregate !== null) written['value'] = aggregate;
  if (metrics !== null) written['metrics'] = [...metrics].join(',');
  const known: Options = { range: 'live', ...before };
  return Object.entries(written).some(([name, value]) => known[name] !== value) ? written : null;
}
