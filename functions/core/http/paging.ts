import * as z from 'zod';
import { wholeNumber } from './query.ts';

/** The query of every list. */
export const ListQuery = z.strictObject({
  limit: wholeNumber(1, 1_000).default(100),
  cursor: z.string().min(1).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

/** A page from one row more than it shows: that row tells whether there is a next page. */
export function cutPage<T>(found: readonly T[], limit: number, cursorAt: (last: T) => string) {
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, next_cursor: last === undefined ? null : cursorAt(last) };
}
