/** Comma-separated values as RFC 4180 has them, that a spreadsheet opens without taking any for a formula. */

/**
 * A spreadsheet computes what begins like this, or passes the first character over and looks at the next. Where it takes
 * semicolons or tabs to be between cells, quotes in the middle of a line hold nothing together: what follows begins, too.
 */
const FORMULA = /(^|[;\t\r\n])(?=[" ]*[=+\-@＝＋－＠])|^(?=[\t\r\n])/g;
const QUOTED = /[",\r\n]/;
/** By this a spreadsheet knows UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

export type Cell = number | boolean | string | null;

/** Rows as the text of a file; the first is the header. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return BYTE_ORDER_MARK + rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const harmless = cell.replaceAll(FORMULA, (before) => `${before}'`);
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Gives the browser a file to keep. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read it only after the click was dealt with.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
