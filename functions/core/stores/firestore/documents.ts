/**
 * The gateway to Firestore: every document read, written or deleted passes here and is counted on the request's meter
 * here. A missing document is a billed read, and so is a query that finds nothing. And every document that was asked for
 * by tenant is held against that tenant here, whatever the store says.
 */
import {
  FieldPath,
  FieldValue,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type QuerySnapshot,
  type Timestamp,
  type Transaction,
  WriteBatch,
} from '@google-cloud/firestore';
import type { Meter } from '../../observability/meter.ts';
import { tracked } from './closing.ts';
import { explain, explainQuery, isIndexNotReady, isLostPrecondition } from './errors.ts';
import type { DocumentPath } from './paths.ts';
import { withDeadline } from './patience.ts';
import { buildQuery, tenantAsked, type QueryRequest } from './queries.ts';
import { owned, type StoredDocument } from './stored.ts';

export type { StoredDocument };

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

/** Reads and changes inside one serializable transaction; reads come first. */
export interface TransactionScope {
  getAll(paths: readonly DocumentPath[]): Promise<readonly (StoredDocument | null)[]>;
  query(request: QueryRequest): Promise<readonly StoredDocument[]>;
  change(change: Change): void;
}

export class Documents {
  readonly #firestore: Firestore;
  readonly #meter: Meter;

  constructor(firestore: Firestore, meter: Meter) {
    this.#firestore = firestore;
    this.#meter = meter;
  }

  /** The store was asked, even when the instance's memory will answer. */
  touch(): void {
    this.#meter.countReads(0);
  }

  async get(path: DocumentPath): Promise<StoredDocument | null> {
    const snapshot = await this.#ask(this.#ref(path).get());
    this.#meter.countReads(1);
    return owned(snapshot, path.tenant_id);
  }

  /** In the order asked for. */
  async getAll(paths: readonly DocumentPath[]): Promise<readonly (StoredDocument | null)[]> {
    if (paths.length === 0) return [];
    const snapshots = await this.#ask(this.#firestore.getAll(...paths.map((path) => this.#ref(path))));
    return this.#got(snapshots, paths);
  }

  async query(request: QueryRequest): Promise<readonly StoredDocument[]> {
    const answer = await this.#ask(buildQuery(this.#firestore, request).get(), explainQuery);
    return this.#found(answer, request);
  }

  /** All changes or none. The update times, in the order given, or null when a precondition did not hold. */
  async commit(changes: readonly Change[]): Promise<readonly Timestamp[] | null> {
    const batch = this.#firestore.batch();
    for (const change of changes) this.#apply(batch, change);
    try {
      const results = await withDeadline(tracked(this.#firestore, batch.commit()));
      this.#count(changes);
      return results.map((result) => result.writeTime);
    } catch (error) {
      if (isLostPrecondition(error)) return null;
      throw explain(error);
    }
  }

  /** Runs `work` again, as the SDK does, while others interfere. */
  async transaction<T>(work: (scope: TransactionScope) => Promise<T>): Promise<T> {
    const { result, changes } = await this.#ask(
      this.#firestore.runTransaction(async (transaction) => {
        const changes: Change[] = [];
        const result = await work(this.#scope(transaction, changes));
        for (const change of changes) this.#apply(transaction, change);
        return { result, changes };
      }),
    );
    this.#count(changes);
    return result;
  }

  #scope(transaction: Transaction, changes: Change[]): TransactionScope {
    return {
      getAll: async (paths) => {
        const snapshots = await transaction.getAll(...paths.map((path) => this.#ref(path)));
        return this.#got(snapshots, paths);
      },
      query: async (request) => {
        const answer = transaction.get(buildQuery(this.#firestore, request)).catch((error: unknown): never => {
          // The SDK must see all else as it is, to know what to try again.
          throw isIndexNotReady(error) ? explainQuery(error) : error;
        });
        return this.#found(await answer, request);
      },
      change: (change) => changes.push(change),
    };
  }

  #got(snapshots: readonly DocumentSnapshot[], paths: readonly DocumentPath[]): readonly (StoredDocument | null)[] {
    this.#meter.countReads(snapshots.length);
    return snapshots.map((snapshot, at) => owned(snapshot, paths[at]?.tenant_id));
  }

  #found(answer: QuerySnapshot, request: QueryRequest): readonly StoredDocument[] {
    this.#meter.countReads(Math.max(1, answer.size));
    const tenant_id = tenantAsked(request);
    return answer.docs.map((snapshot) => owned(snapshot, tenant_id)).filter((document) => document !== null);
  }

  #apply(target: WriteBatch | Transaction, change: Change): void {
    const ref = this.#ref(change.path);
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

  #count(changes: readonly Change[]): void {
    const deletes = changes.filter((change) => change.kind === 'delete').length;
    this.#meter.countDeletes(deletes);
    this.#meter.countWrites(changes.length - deletes);
  }

  #ref(path: DocumentPath): DocumentReference {
    return this.#firestore.collection(path.collection).doc(path.id);
  }

  async #ask<T>(answer: Promise<T>, explained = explain): Promise<T> {
    try {
      return await withDeadline(tracked(this.#firestore, answer));
    } catch (error) {
      throw explained(error);
    }
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
