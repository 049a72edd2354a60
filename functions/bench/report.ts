/** Rows of the table that `npm run bench` prints and writes. */
import { cpus, totalmem } from 'node:os';

export interface Row {
  readonly measure: string;
  readonly value: string;
  /** What it must show, when the project promises something. */
  readonly bar?: string;
  readonly holds?: boolean;
}

/** A ratio with its bar; `direction` says on which side of the bar it must be. */
export function ratioRow(measure: string, ratio: number, direction: '<=' | '>=', bar: number, note = ''): Row {
  const holds = direction === '<=' ? ratio <= bar : ratio >= bar;
  return {
    measure,
    value: `${ratio.toFixed(2)}${note === '' ? '' : ` (${note})`}`,
    bar: `${direction} ${String(bar)}`,
    holds,
  };
}

export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** What a figure was taken on. */
export function machineSize(): string {
  return `${String(cpus().length)} cores, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node ${process.version}`;
}

/** `command` repeats it. */
export function renderReport(command: string, rows: readonly Row[], when: Date): string {
  return [
    '# Measurements',
    '',
    `\`${command}\`, ${dayOf(when)}, ${machineSize()}. Every ratio is taken within one run, contenders in turn.`,
    "Firestore is the emulator: it scans where production uses its indexes, so its milliseconds are not the cloud's.",
    '',
    ...renderRows(rows),
  ].join('\n');
}

/** What a long run has shown: `command` repeats it. */
export function renderEvidence(title: string, command: string, rows: readonly Row[], when: Date): string {
  return [`# ${title}`, '', `\`${command}\`, ${dayOf(when)}, ${machineSize()}.`, '', ...renderRows(rows)].join('\n');
}

function renderRows(rows: readonly Row[]): string[] {
  const lines = rows.map(({ measure, value, bar, holds }) => {
    const verdict = holds === undefined ? '' : holds ? 'yes' : '**no**';
    return `| ${measure} | ${value} | ${bar ?? ''} | ${verdict} |`;
  });
  return ['| measure | value | bar | holds |', '|---|---|---|---|', ...lines, ''];
}

function dayOf(when: Date): string {
  return when.toISOString().slice(0, 10);
}
