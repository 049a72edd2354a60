import { bounded, MAX_STACK, UNSEEN_CLASS } from '../observability/log-line.ts';
import type { LogEntry } from '../observability/log.ts';

/** What a terminal obeys instead of showing it, but for the ends of a stack's lines. */
const OBEYED = new RegExp(String.raw`(?!\n)[\0-\x1f${UNSEEN_CLASS}]`, 'g');
const SHOWN = ['latency_ms', 'reads', 'writes', 'code', 'tenant_id', 'device_id', 'user', 'request_id'] as const;

/** A line for people at a terminal: when, how bad, what, and the few facts one looks for first. */
export function plainLineOf({ severity, message, time_ms, fields }: LogEntry): string {
  const time = new Date(time_ms).toISOString().slice(11, 19);
  const facts = SHOWN.flatMap((name) => ((fields[name] ?? null) === null ? [] : [`${name}=${String(fields[name])}`]));
  const { stack: given = null } = fields;
  const stack = given === null ? '' : `\n${bounded(String(given), MAX_STACK)}`;
  const head = [`${time} ${severity.padEnd(7)} ${message}`, ...facts].join(' ').replaceAll('\n', ' ');
  return `${(head + stack).replace(OBEYED, '?')}\n`;
}
