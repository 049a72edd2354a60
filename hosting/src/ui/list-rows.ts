/** The rows with a further page: one that was put in by hand may come again in its place, and is there once. */
export function joined<Row>(rows: readonly Row[], page: readonly Row[], idOf: (row: Row) => string): readonly Row[] {
  const coming = new Set(page.map(idOf));
  return [...rows.filter((row) => !coming.has(idOf(row))), ...page];
}
