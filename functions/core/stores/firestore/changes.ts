/** What a commit may do to a document, and how the SDK is told. */
import {
  FieldPath,
  FieldValue,
  WriteBatch,
  type DocumentReference,
  type Timestamp,
  type Transaction,
} from '@google-cloud/firestore';
import type { DocumentPath } from './paths.ts';

/** Put in the place of a value to remove the field. */
export const REMOVED: unknown = FieldValue.delete();

/** Put in the place of a number to add to the one that is there, or to none. */
export function increment(by: number): unknown {
  return FieldValue.increment(by);
}

export type FieldChange = readonly [path: readonly string[], value: unknown];

/** One document's part of a commit. `at` is the update time it must still have. */
export type Change =
  | { readonly kind: 'create'; readonly path: DocumentPath; readonly fields: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'update';
      readonly path: DocumentPath;
      readonly fields: readonly FieldChange[];
      readonly at?: Timestamp;
    }
  /** Whatever is there, or nothing, becomes exactly this. */
  | { readonly kind: 'put'; readonly path: DocumentPath; readonly fields: Readonly<Record<string, unknown>> }
  /** Only the fields named, however deep, become this; `increment` adds. */
  | { readonly kind: 'merge'; readonly path: DocumentPath; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'delete'; readonly path: DocumentPath; readonly at?: Timestamp; readonly must_exist?: boolean };

/** Adds one change to what will be committed together. */
export function applyChange(target: WriteBatch | Transaction, ref: DocumentReference, change: Change): void {
  switch (change.kind) {
    case 'create':
      target.create(ref, change.fields);
      break;
    case 'put':
      // Both overload `set` alike, but the compiler looks at one at a time.
      if (target instanceof WriteBatch) target.set(ref, change.fields);
      else target.set(ref, change.fields);
      break;
    case 'merge':
      if (target instanceof WriteBatch) target.set(ref, change.fields, { merge: true });
      else target.set(ref, change.fields, { merge: true });
      break;
    case 'update':
      update(target, ref, change.fields, change.at);
      break;
    case 'delete':
      if (change.at !== undefined) target.delete(ref, { lastUpdateTime: change.at });
      else if (change.must_exist === true) target.delete(ref, { exists: true });
      else target.delete(ref);
      break;
  }
}

function update(
  target: WriteBatch | Transaction,
  ref: DocumentReference,
  fields: readonly FieldChange[],
  at: Timestamp | undefined,
): void {
  const [first, ...others] = fields.map(([path, value]) => [new FieldPath(...path), value] as const);
  if (first === undefined) throw new TypeError(`${ref.path}: an update without fields`);
  const rest: unknown[] = others.flat();
  if (at !== undefined) rest.push({ lastUpdateTime: at });
  target.update(ref, first[0], first[1], ...rest);
}
