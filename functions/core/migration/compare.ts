import { isDeepStrictEqual } from 'node:util';
import { sha256 } from '../ids.ts';
import { nothingTold, tell, type Comparison } from './tally.ts';

/** What should be stored beside what is; `stored` is in the order of `wanted`. Differing rows are told by their fields. */
export function compareRows<Row extends object>(
  wanted: readonly Row[],
  stored: readonly (Row | null)[],
  nameOf: (row: Row) => string,
): Comparison {
  const missing = nothingTold();
  const different = nothingTold();
  let equal = 0;
  wanted.forEach((row, at) => {
    const found = stored[at] ?? null;
    if (found === null) tell(missing, nameOf(row));
    else if (isDeepStrictEqual(canonical(found), canonical(row))) equal += 1;
    else tell(different, `${nameOf(row)}: another ${differingFields(row, found).join(', ')} is stored`);
  });
  const checksum = sha256(JSON.stringify(stored.map((row) => row && canonical(row))));
  return { expected: wanted.length, equal, missing, different, renewed: 0, checksum };
}

/** Members in one order, so that equal rows have equal text. */
function canonical(row: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Names only: a value may be a hash. */
function differingFields(a: object, b: object): string[] {
  const values = new Map<string, unknown>(Object.entries(b));
  return Object.entries(a).flatMap(([name, value]) => (isDeepStrictEqual(value, values.get(name)) ? [] : [name]));
}
