/** Holds an answer against what the model said. */
import { isDeepStrictEqual } from 'node:util';
import type { Answer } from '../../test/support/client.ts';
import type { Expected } from './expected.ts';

/** What differs, in a line; null when nothing does. */
export function difference(answer: Answer, expected: Expected): string | null {
  const { status, code } = expected;
  if (answer.status !== status || answer.code !== code) {
    return `answered ${answer.status} ${String(answer.code)}, not ${status} ${String(code)}: ${answer.text.slice(0, 300)}`;
  }
  if (expected.body === undefined) return null;
  const [told, known] = [inOrder(answer.json()), inOrder(expected.body(answer))];
  if (isDeepStrictEqual(told, known)) return null;
  return `answered ${JSON.stringify(told)}, not ${JSON.stringify(known)}`;
}

/** Keys of a device come in no promised order, and what a point was rejected for is told in words besides its code. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'detail');
  return Object.fromEntries(
    entries.map(([name, part]) => {
      const ordered = inOrder(part);
      if (name !== 'keys' || !Array.isArray(ordered)) return [name, ordered];
      return [name, ordered.map((key) => JSON.stringify(key)).sort()];
    }),
  );
}
