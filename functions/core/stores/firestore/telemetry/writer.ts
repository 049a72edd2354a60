import { spendWrite, type BudgetDecision, type WriteBudget } from '../../../budgets/device-writes.ts';
import { bucketAt } from '../../../model/bucket.ts';
import { assignBuckets, planWrite, type BucketAssignment, type WritePlan } from '../../../model/write-plan.ts';
import type { WriteOutcome, WriteRequest } from '../../contracts.ts';
import type { Change, Committed, Documents, FieldChange } from '../documents.ts';
import { documentId, paths } from '../paths.ts';
import { LOST, untilWon, type KeyedQueue } from '../patience.ts';
import { Bucket, newBucketFields, type BucketWrite } from './bucket.ts';
import type { TelemetryMemory } from './memory.ts';
import { FRESHNESS_MS } from './view.ts';

export interface WriterOptions {
  readonly documents: Documents;
  readonly memory: TelemetryMemory;
  readonly queue: KeyedQueue;
}

type Buckets = ReadonlyMap<number, Bucket>;

/** What one request has tried to store so far. */
interface Tried {
  /** May be stored: its answer was lost. */
  unsure: WritePlan | null;
}

/**
 * Stores points with one commit whose preconditions are the versions that the plan was made from. While one instance
 * serves a device, it knows those versions from its own commits and reads nothing.
 */
export class TelemetryWriter {
  readonly #documents: Documents;
  readonly #memory: TelemetryMemory;
  readonly #queue: KeyedQueue;

  constructor({ documents, memory, queue }: WriterOptions) {
    this.#documents = documents;
    this.#memory = memory;
    this.#queue = queue;
  }

  async write(request: WriteRequest): Promise<WriteOutcome> {
    const { device } = request;
    const assignment = assignBuckets(device.widths, request.points);
    if (assignment.buckets.length === 0)
      return done(planWrite(assignment, (start_ms) => Bucket.absent(start_ms), request));
    const key = documentId('telemetry', device.tenant_id, device.device_id);
    const tried: Tried = { unsure: null };
    return this.#queue.run(key, () => untilWon(() => this.#attempt(request, assignment, tried)));
  }

  async #attempt(
    request: WriteRequest,
    assignment: BucketAssignment,
    tried: Tried,
  ): Promise<WriteOutcome | typeof LOST> {
    const receipt_ms = bucketAt(request.device.widths, request.now_ms).start_ms;
    const touched_ms = assignment.buckets.map((bucket) => bucket.start_ms);
    const buckets = await this.#load(request, [...new Set([...touched_ms, receipt_ms])]);
    const view = (start_ms: number) => buckets.get(start_ms) ?? Bucket.absent(start_ms);
    const plan = planWrite(assignment, view, request);
    if (plan.changes.length === 0) {
      return this.#isOld(request, touched_ms) ? LOST : done(isFoundIn(plan, tried.unsure) ? tried.unsure : plan);
    }
    const decision = spendWrite(view(receipt_ms).budget, request.now_ms);
    if (decision.kind === 'spent') {
      return this.#isOld(request, [...touched_ms, receipt_ms]) ? LOST : overBudget(decision);
    }
    const writes = bucketWrites(request, plan, view, decision.budget);
    const untouched_ms = touched_ms.filter((start_ms) => !writes.some((write) => write.start_ms === start_ms));
    if (this.#isOld(request, untouched_ms)) return LOST;
    const { times, unsure } = await this.#commit(request, writes, view);
    if (unsure) tried.unsure = plan;
    return times === null ? LOST : done(plan);
  }

  /** What is remembered, else read; a bucket later than any known one is taken to be new, and the commit finds out. */
  async #load({ device, now_ms }: WriteRequest, starts_ms: readonly number[]): Promise<Buckets> {
    const { latest_ms } = this.#memory.view(device);
    const buckets = new Map<number, Bucket>();
    const unknown: number[] = [];
    for (const start_ms of starts_ms) {
      const known = this.#memory.recall(device, start_ms)?.bucket;
      if (known !== undefined) buckets.set(start_ms, known);
      else if (latest_ms !== null && start_ms > latest_ms) buckets.set(start_ms, Bucket.absent(start_ms));
      else unknown.push(start_ms);
    }
    const ids = unknown.map((start_ms) => paths.bucket(device.tenant_id, device.device_id, start_ms));
    const documents = await this.#documents.getAll(ids);
    unknown.forEach((start_ms, at) => {
      const document = documents[at] ?? null;
      const bucket = document === null ? Bucket.absent(start_ms) : Bucket.read(start_ms, document);
      buckets.set(start_ms, this.#memory.remember(device, bucket, now_ms));
    });
    return buckets;
  }

  /**
   * Whether an answer that no commit confirms rests on memory too old to be trusted; that memory is then forgotten. So
   * duplicates, conflicts and used-up budgets are told from what the store held at most seconds ago.
   */
  #isOld({ device, now_ms }: WriteRequest, starts_ms: readonly number[]): boolean {
    const old = starts_ms.filter((start_ms) => {
      const known = this.#memory.recall(device, start_ms);
      return known !== null && Math.abs(now_ms - known.seen_ms) >= FRESHNESS_MS;
    });
    for (const start_ms of old) this.#memory.forget(device, start_ms);
    return old.length > 0;
  }

  async #commit(
    request: WriteRequest,
    writes: readonly BucketWrite[],
    view: (start_ms: number) => Bucket,
  ): Promise<Committed> {
    const { device, now_ms } = request;
    const changes = writes.map((write) => bucketChange(request, write, view(write.start_ms)));
    const committed = await this.#documents.tryCommit(changes).finally(() => {
      // Whatever the outcome, what was remembered before is no longer true, or no longer certain.
      for (const { start_ms } of writes) this.#memory.forget(device, start_ms);
    });
    const memory_view = this.#memory.view(device);
    writes.forEach((write, at) => {
      memory_view.know(write.start_ms);
      const updated = committed.times?.[at];
      if (updated === undefined) return;
      const bucket = this.#memory.remember(device, view(write.start_ms).after(write, updated), now_ms);
      if (!bucket.isEmpty) memory_view.note(write.start_ms);
    });
    return committed;
  }
}

/** Whether all that was planned before is found to be there now: then it was stored by us, and its receipt is the true one. */
function isFoundIn({ receipt }: WritePlan, before: WritePlan | null): before is WritePlan {
  if (before === null) return false;
  const { accepted, duplicates, rejected } = before.receipt;
  return receipt.duplicates === accepted + duplicates && receipt.rejected.length === rejected.length;
}

function done({ receipt }: WritePlan): WriteOutcome {
  return { kind: 'done', receipt };
}

function overBudget({ used, reset_ms }: Extract<BudgetDecision, { kind: 'spent' }>): WriteOutcome {
  return { kind: 'over_budget', used, reset_ms };
}

/** The plan's changes, the budget with the bucket of receipt: a write of its own only when all points are late. */
function bucketWrites(
  { device, now_ms }: WriteRequest,
  plan: WritePlan,
  view: (start_ms: number) => Bucket,
  budget: WriteBudget,
): readonly BucketWrite[] {
  const receipt = bucketAt(device.widths, now_ms);
  const writes = plan.changes.map((change) => ({
    ...change,
    budget: change.start_ms === receipt.start_ms ? budget : null,
  }));
  if (writes.some((write) => write.budget !== null)) return writes;
  return [...writes, { ...receipt, points: new Map(), bytes: view(receipt.start_ms).bytes, budget }];
}

function bucketChange({ device }: WriteRequest, write: BucketWrite, before: Bucket): Change {
  const path = paths.bucket(device.tenant_id, device.device_id, write.start_ms);
  if (before.updated === null) return { kind: 'create', path, fields: newBucketFields(device, write) };
  const fields: FieldChange[] = [];
  for (const [timestamp_ms, metrics] of write.points) {
    fields.push([['points', String(timestamp_ms - write.start_ms)], metrics]);
  }
  if (write.points.size > 0) fields.push([['bytes'], write.bytes]);
  if (write.points.size > 0 && before.isEmpty) fields.push([['timestamp_ms'], write.start_ms]);
  if (write.budget !== null) fields.push([['budget'], { ...write.budget }]);
  return { kind: 'update', path, fields, at: before.updated };
}
