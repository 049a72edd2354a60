/** Figures in aligned columns. */

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function dollars(value: number): string {
  return value.toLocaleString('en-US', { style: 'currency', currency: 'USD' });
}

/** Two decimals below ten, one below a hundred, as nobody reads more. */
export function brief(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The first column to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) => `  ${padded(row, widths).join('  ')}`.trimEnd());
}

/** A Markdown table as the formatter leaves it; the first row is its head. */
export function markdown([head, ...rows]: readonly [readonly string[], ...(readonly string[])[]]): string {
  const widths = widthsOf([head, ...rows]);
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [padded(head, widths), rule, ...rows.map((row) => padded(row, widths))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  const [head = []] = rows;
  return head.map((_cell, at) => Math.max(3, ...rows.map((row) => row[at]?.length ?? 0)));
}

function padded(row: readonly string[], widths: readonly number[]): string[] {
  return row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)));
}
