/**
 * The gateway to Firestore: every document read, written or deleted passes here and is counted on the request's meter
 * here. A missing document is a billed read, and so is a query that finds nothing. And every document that was asked for
 * by tenant is held against that tenant here, whatever the store says.
 */
import type {
  DocumentReference,
  DocumentSnapshot,
  Firestore,
  QuerySnapshot,
  Timestamp,
  Transaction,
  WriteBatch,
} from '@google-cloud/firestore';
import type { Meter } from '../../observability/meter.ts';
import { applyChange, type Change, type FieldChange } from './changes.ts';
import { tracked } from './closing.ts';
import { identified } from './credentials.ts';
import { explain, explainQuery, isIndexNotReady, isLostPrecondition, isOutcomeUnknown } from './errors.ts';
import type { DocumentPath } from './paths.ts';
import { DEADLINE_MS, SHORT_DEADLINE_MS } from './patience.ts';
import { StorePolicy } from './policy.ts';
import { buildQuery, tenantAsked, type QueryRequest } from './queries.ts';
import { owned, type StoredDocument } from './stored.ts';
import type { Asking } from './verdicts.ts';

export { increment, REMOVED } from './changes.ts';
export type { Change, FieldChange, StoredDocument };

/** Reads and changes inside one serializable transaction; reads come first. */
export interface TransactionScope {
  getAll(paths: readonly DocumentPath[]): Promise<readonly (StoredDocument | null)[]>;
  query(request: QueryRequest): Promise<readonly StoredDocument[]>;
  change(change: Change): void;
}

/** `times` is null when a precondition did not hold; `unsure` tells of a try before whose answer was lost. */
export interface Committed {
  readonly times: readonly Timestamp[] | null;
  readonly unsure: boolean;
}

/** Up to so many documents are asked for, or changed, with less patience. */
const FEW = 5;

export class Documents {
  readonly #firestore: Firestore;
  readonly #meter: Meter;
  readonly #policy: StorePolicy;
  readonly #short_ms: number;

  /** One policy for each client. `short_ms` is the patience with few documents: more where nobody waits. */
  constructor(firestore: Firestore, meter: Meter, policy = new StorePolicy(), short_ms = SHORT_DEADLINE_MS) {
    this.#firestore = firestore;
    this.#meter = meter;
    this.#policy = policy;
    this.#short_ms = short_ms;
  }

  /** The store was asked, even when the instance's memory will answer. */
  touch(): void {
    this.#meter.countReads(0);
  }

  async get(path: DocumentPath): Promise<StoredDocument | null> {
    const snapshot = await this.#read(1, () => this.#ref(path).get());
    this.#meter.countReads(1);
    return owned(snapshot, path.tenant_id);
  }

  /** In the order asked for. */
  async getAll(paths: readonly DocumentPath[]): Promise<readonly (StoredDocument | null)[]> {
    if (paths.length === 0) return [];
    const refs = paths.map((path) => this.#ref(path));
    const snapshots = await this.#read(refs.length, () => this.#firestore.getAll(...refs));
    return this.#got(snapshots, paths);
  }

  async query(request: QueryRequest): Promise<readonly StoredDocument[]> {
    const query = buildQuery(this.#firestore, request);
    const answer = await this.#read(Infinity, () => query.get(), explainQuery);
    return this.#found(answer, request);
  }

  /** All changes or none. The update times, in the order given, or null when a precondition did not hold. */
  async commit(changes: readonly Change[]): Promise<readonly Timestamp[] | null> {
    return (await this.tryCommit(changes)).times;
  }

  /** The same, told more closely: a precondition may have met what we stored ourselves. */
  async tryCommit(changes: readonly Change[]): Promise<Committed> {
    let unsure: readonly Change[] = [];
    const doubt = inDoubt(() => (unsure = changes));
    // Anew for each try: a batch is committed once.
    const commit = () => this.#batch(changes).commit().catch(doubt);
    try {
      const results = await this.#within('commit', changes.length, commit).catch(doubt);
      this.#count(changes);
      return { times: results.map((result) => result.writeTime), unsure: unsure.length > 0 };
    } catch (error) {
      // What may have been stored may be billed.
      this.#count(unsure);
      if (isLostPrecondition(error)) return { times: null, unsure: unsure.length > 0 };
      throw explain(error);
    }
  }

  /** Runs `work` again while others interfere, or `unsure` whether it was done: then it may find what it stored itself. */
  async transaction<T>(work: (scope: TransactionScope, unsure: boolean) => Promise<T>): Promise<T> {
    let asked: readonly Change[] = [];
    let unsure: readonly Change[] = [];
    const once = async (transaction: Transaction) => {
      const changes: Change[] = [];
      asked = changes;
      const result = await work(this.#scope(transaction, changes), unsure.length > 0);
      for (const change of changes) this.#apply(transaction, change);
      return result;
    };
    const doubt = inDoubt(() => (unsure = asked));
    const run = () => this.#firestore.runTransaction(once).catch(doubt);
    try {
      const result = await this.#within('transaction', Infinity, run).catch(doubt);
      this.#count(asked.length > 0 ? asked : unsure);
      return result;
    } catch (error) {
      this.#count(unsure);
      throw explain(error);
    }
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
    applyChange(target, this.#ref(change.path), change);
  }

  #count(changes: readonly Change[]): void {
    const deletes = changes.filter((change) => change.kind === 'delete').length;
    this.#meter.countDeletes(deletes);
    this.#meter.countWrites(changes.length - deletes);
  }

  #ref(path: DocumentPath): DocumentReference {
    return this.#firestore.collection(path.collection).doc(path.id);
  }

  #batch(changes: readonly Change[]): WriteBatch {
    const batch = this.#firestore.batch();
    for (const change of changes) this.#apply(batch, change);
    return batch;
  }

  async #read<T>(size: number, call: () => Promise<T>, explained = explain): Promise<T> {
    try {
      return await this.#within('read', size, call);
    } catch (error) {
      throw explained(error);
    }
  }

  #within<T>(asking: Asking, size: number, call: () => Promise<T>): Promise<T> {
    const limit_ms = size <= FEW ? this.#short_ms : DEADLINE_MS;
    return this.#policy.ask(asking, limit_ms, () => tracked(this.#firestore, identified(this.#firestore).then(call)));
  }
}

/** Passes a failure on, and tells of one after which what was asked for may have been done. */
function inDoubt(tell: () => void): (error: unknown) => never {
  return (error) => {
    if (isOutcomeUnknown(error)) tell();
    throw error;
  };
}
