import { SetupError } from '../errors.ts';
import { cellKind, shownCell, type CellKind, type ColumnType } from './cells.ts';

/** A column with this share of numbers is meant to hold numbers: what is none of them is a mistake to look at. */
const MOSTLY = 0.9;

interface Seen {
  readonly line: number;
  readonly cell: string;
}

/** Looks at all cells of a column and says what it is as a whole, so that a value never changes its type half-way. */
export class ColumnCensus {
  readonly #title: string;
  readonly #counts = new Map<CellKind, number>();
  readonly #first = new Map<CellKind, Seen>();

  constructor(title: string) {
    this.#title = title;
  }

  /** True when the cell holds something. */
  add(cell: string, line: number): boolean {
    const kind = cellKind(cell);
    this.#counts.set(kind, this.#count(kind) + 1);
    if (!this.#first.has(kind)) this.#first.set(kind, { line, cell });
    return kind !== 'empty';
  }

  /** Cells that hold something. */
  get filled(): number {
    return this.#count('boolean', 'whole', 'decimal', 'decimal_comma', 'grouped', 'text');
  }

  /** Where the first number with a decimal point is, if any. */
  get decimal(): Seen | undefined {
    return this.#first.get('decimal');
  }

  /** Throws when the column is nearly, but not all, of one type. `decimal_comma` says whether a comma can be one. */
  type(decimal_comma: boolean): ColumnType {
    const { filled } = this;
    if (filled === 0) return 'empty';
    if (this.#count('boolean') === filled) return 'boolean';
    if (this.#count('whole', 'decimal') === filled) return 'number';
    if (decimal_comma && this.#count('whole', 'decimal_comma') === filled) return 'decimal comma';
    if (this.#count('whole', 'decimal', 'decimal_comma', 'grouped') >= MOSTLY * filled)
      throw this.#mixed(decimal_comma);
    if (this.#count('boolean') >= MOSTLY * filled)
      throw this.#refusal('true or false', this.#firstOf('whole', 'decimal', 'decimal_comma', 'grouped', 'text'));
    return 'text';
  }

  #mixed(decimal_comma: boolean): SetupError {
    const commas = decimal_comma && this.#count('decimal_comma') > this.#count('decimal', 'grouped');
    const others: CellKind[] = ['boolean', 'text', 'grouped', commas ? 'decimal' : 'decimal_comma'];
    return this.#refusal(commas ? 'numbers with a decimal comma' : 'numbers', this.#firstOf(...others));
  }

  #refusal(wanted: string, seen: Seen | undefined): SetupError {
    const where = seen === undefined ? '' : `, but line ${String(seen.line)} has ${shownCell(seen.cell)}`;
    const title = shownCell(this.#title);
    const advice = `correct the file, or add --text-column ${title} to store the whole column as text.`;
    return new SetupError(`The column ${title} holds ${wanted}${where}: ${advice}`);
  }

  #count(...kinds: readonly CellKind[]): number {
    return kinds.reduce((sum, kind) => sum + (this.#counts.get(kind) ?? 0), 0);
  }

  #firstOf(...kinds: readonly CellKind[]): Seen | undefined {
    return kinds
      .flatMap((kind) => this.#first.get(kind) ?? [])
      .reduce<Seen | undefined>(
        (first, seen) => (first === undefined || seen.line < first.line ? seen : first),
        undefined,
      );
  }
}
