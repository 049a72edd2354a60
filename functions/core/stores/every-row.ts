import type { ListPage } from './contracts.ts';

const PAGE = 500;

/** All rows of a paged list. */
export async function everyRow<T>(
  list: (page: ListPage) => Promise<readonly T[]>,
  idOf: (row: T) => string,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (;;) {
    const last = all.at(-1);
    const rows = await list({ after: last === undefined ? undefined : idOf(last), limit: PAGE });
    all.push(...rows);
    if (rows.length < PAGE) return all;
  }
}
