/** Cursors in the model: opaque, and good for one tenant, one function and one question alone. */
import type { Answer } from '../../test/support/client.ts';
import type { Operation } from './operation.ts';
import type { CursorScope, Model, ModelCursor } from './state.ts';

export interface Asked {
  /** What goes into the query; empty for the first page. */
  readonly query: string;
  /** 'start' without a cursor, 'wrong' when the one that is sent is not for this question. */
  readonly place:
    { readonly kind: 'start' } | { readonly kind: 'wrong' } | { readonly kind: 'after'; readonly at: unknown };
}

export function scopeOf(tenant_id: string, name: string, query: Readonly<Record<string, unknown>>): CursorScope {
  return { tenant_id, question: JSON.stringify([name, Object.entries(query).sort()]) };
}

function isSame(a: CursorScope, b: CursorScope): boolean {
  return a.question === b.question && a.tenant_id === b.tenant_id;
}

const FORGED = 'WzEsIm5vdCBvdXJzIiwxXQ';
/** Where a forged cursor that keeps its digest points to: scope is checked, a place is only a filter. */
const MOVED_MS = 2_700_001;

/** The cursor that `operation` sends to the question of `scope`. */
export function cursorFor(model: Model, operation: Operation, scope: CursorScope): Asked {
  const { cursor } = operation;
  if (cursor === 'none') return { query: '', place: { kind: 'start' } };
  const given = cursor === 'forged' ? undefined : chosen(model, operation, scope);
  if (given === undefined) return sent(FORGED, { kind: 'wrong' });
  const fits = isSame(given.scope, scope);
  if (cursor === 'changed') return sent(changed(given.text), { kind: 'wrong' });
  if (cursor === 'moved' && typeof given.place === 'number') {
    const at = given.place - MOVED_MS;
    return sent(movedTo(given.text, at), fits ? { kind: 'after', at } : { kind: 'wrong' });
  }
  return sent(given.text, fits ? { kind: 'after', at: given.place } : { kind: 'wrong' });
}

/** That of the same question, of this tenant or of another; where there is none, any. */
function chosen(model: Model, { cursor, c }: Operation, scope: CursorScope): ModelCursor | undefined {
  const { cursors } = model;
  const same = cursors.filter((one) => one.scope.question === scope.question);
  const foreign = cursor === 'foreign';
  const fitting = same.filter((one) => (one.scope.tenant_id === scope.tenant_id) !== foreign);
  const from = fitting.length > 0 && c % 3 > 0 ? fitting : cursors;
  return from[c % Math.max(from.length, 1)];
}

/** Remembers the cursor of a page, if it has one: for its next page, and for all that it is no cursor of. */
export function learnCursor(model: Model, scope: CursorScope, place: unknown): (answer: Answer) => void {
  return (answer) => {
    const text = answer.member('next_cursor');
    if (typeof text === 'string') model.cursors.push({ text, scope, place });
  };
}

/** The rows of a page: those after `at`, which is `undefined` at the start. */
export function pageOf<T>(rows: readonly T[], limit: number) {
  const page = rows.slice(0, limit);
  return { page, more: rows.length > limit, last: page.at(-1) };
}

function sent(text: string, place: Asked['place']): Asked {
  return { query: `&cursor=${encodeURIComponent(text)}`, place };
}

/** In the digest of its question. */
function changed(text: string): string {
  return `${text.slice(0, 9)}${text[9] === 'A' ? 'B' : 'A'}${text.slice(10)}`;
}

function movedTo(text: string, place: number): string {
  const [version, digest] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
  return Buffer.from(JSON.stringify([version, digest, place])).toString('base64url');
}
