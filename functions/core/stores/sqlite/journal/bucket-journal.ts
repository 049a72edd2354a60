import type { Database, Statement } from 'better-sqlite3';
import type { WriteBudget } from '../../../budgets/device-writes.ts';
import type { Point } from '../../../model/point.ts';
import type { TimeRange } from '../../contracts.ts';
import type { BucketPlace, BucketRef, BucketSnapshot, BucketVersions, BucketWalk, DeviceRef } from '../../journal.ts';

type SnapshotRow = Omit<BucketSnapshot, 'points'>;

interface Counted {
  readonly count: number;
  readonly oldest_ms: number | null;
}

const REF = 'tenant_id, device_id, start_ms, end_ms';
const DIRTY = 'FROM telemetry_buckets INDEXED BY telemetry_buckets_dirty WHERE delivered_version < version';
const THIS = 'WHERE tenant_id = @tenant_id AND device_id = @device_id AND start_ms = @start_ms';

/** What Firestore has of each bucket, kept beside the bucket's own row. */
export class BucketJournal {
  readonly #spans: Statement<[string, string, number, number], TimeRange>;
  readonly #nextDevice: Statement<[string, string, number], DeviceRef>;
  readonly #dirty: Statement<[string, string, number, number], BucketRef>;
  readonly #count: Statement<[number], Counted>;
  readonly #countOlder: Statement<[number], Counted>;
  readonly #row: Statement<[BucketPlace], SnapshotRow>;
  readonly #points: Statement<[BucketRef], Point>;
  readonly #delivered: Statement<[BucketRef & { version: number; update: string | null }]>;
  readonly #undelivered: Statement<[BucketPlace]>;
  readonly #compared: Statement<[BucketRef & { version: number }]>;
  readonly #walk: Record<'all' | 'changed', Statement<[string, string, number, number, number], BucketRef>>;
  readonly #sample: Statement<[number, number], BucketRef>;
  readonly #dataVersion: Statement<[], number>;
  readonly #budget: Statement<[string, string], WriteBudget>;
  readonly #newestVersions: Statement<[string, string], readonly number[]>;
  readonly #any: Statement<[], { readonly found: number }>;

  constructor(db: Database) {
    this.#spans = db.prepare(
      `SELECT start_ms, end_ms ${DIRTY} AND tenant_id = ? AND device_id = ? AND start_ms < ? AND end_ms > ?
       ORDER BY start_ms DESC`,
    );
    this.#nextDevice = db.prepare(
      `SELECT tenant_id, device_id ${DIRTY} AND (tenant_id, device_id) > (?, ?) AND end_ms > ?
       ORDER BY tenant_id, device_id LIMIT 1`,
    );
    this.#dirty = db.prepare(
      `SELECT ${REF} ${DIRTY} AND tenant_id = ? AND device_id = ? AND end_ms > ? ORDER BY start_ms LIMIT ?`,
    );
    this.#count = db.prepare(`SELECT count(*) AS count, min(changed_ms) AS oldest_ms ${DIRTY} AND end_ms > ?`);
    this.#countOlder = db.prepare(`SELECT count(*) AS count, NULL AS oldest_ms ${DIRTY} AND end_ms <= ?`);
    this.#row = db.prepare(
      `SELECT ${REF}, version, delivered_version, delivered_update, bytes FROM telemetry_buckets ${THIS}`,
    );
    this.#points = db.prepare(
      `SELECT timestamp_ms, metrics FROM telemetry WHERE tenant_id = @tenant_id AND device_id = @device_id
         AND timestamp_ms >= @start_ms AND timestamp_ms < @end_ms ORDER BY timestamp_ms`,
    );
    this.#delivered = db.prepare(
      `UPDATE telemetry_buckets SET delivered_version = @version, delivered_update = @update ${THIS}
         AND delivered_version < @version`,
    );
    this.#undelivered = db.prepare(`UPDATE telemetry_buckets SET delivered_version = 0, compared_version = 0 ${THIS}`);
    this.#compared = db.prepare(`UPDATE telemetry_buckets SET compared_version = @version ${THIS}`);
    const walk = (index: string, filter: string) =>
      db.prepare<[string, string, number, number, number], BucketRef>(
        `SELECT ${REF} FROM telemetry_buckets ${index} WHERE (tenant_id, device_id, start_ms) > (?, ?, ?) AND end_ms > ?
           ${filter} ORDER BY tenant_id, device_id, start_ms LIMIT ?`,
      );
    this.#walk = {
      all: walk('', ''),
      changed: walk('INDEXED BY telemetry_buckets_uncompared', 'AND compared_version < version'),
    };
    this.#sample = db.prepare(`SELECT ${REF} FROM telemetry_buckets WHERE end_ms > ? ORDER BY random() LIMIT ?`);
    this.#dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
    this.#budget = db.prepare('SELECT minute_ms, used FROM write_budget WHERE tenant_id = ? AND device_id = ?');
    this.#newestVersions = db
      .prepare<[string, string], readonly number[]>(
        `SELECT start_ms, version FROM telemetry_buckets WHERE tenant_id = ? AND device_id = ?
         ORDER BY start_ms DESC LIMIT 3`,
      )
      .raw();
    this.#any = db.prepare('SELECT count(*) AS found FROM (SELECT 1 FROM telemetry LIMIT 1)');
  }

  spans({ tenant_id, device_id }: DeviceRef, { start_ms, end_ms }: TimeRange): readonly TimeRange[] {
    return this.#spans.all(tenant_id, device_id, end_ms, start_ms);
  }

  /** The budget moves with every accepted write; newest versions tell of points that came without one. */
  stamp({ tenant_id, device_id }: DeviceRef): string {
    const budget = this.#budget.get(tenant_id, device_id);
    const newest = this.#newestVersions.all(tenant_id, device_id);
    // Migrations into older buckets spend no budget; they are another process's commits.
    return [this.#dataVersion.get(), budget?.minute_ms, budget?.used, ...newest.flat()].join(' ');
  }

  nextDevice(after: DeviceRef | null, since_ms: number): DeviceRef | null {
    return this.#nextDevice.get(after?.tenant_id ?? '', after?.device_id ?? '', since_ms) ?? null;
  }

  dirty({ tenant_id, device_id }: DeviceRef, since_ms: number, limit: number): readonly BucketRef[] {
    return this.#dirty.all(tenant_id, device_id, since_ms, limit);
  }

  count(since_ms: number): Counted {
    return this.#count.get(since_ms) ?? { count: 0, oldest_ms: null };
  }

  countOlder(before_ms: number): number {
    return this.#countOlder.get(before_ms)?.count ?? 0;
  }

  versions(bucket: BucketPlace): BucketVersions | null {
    return this.#row.get(bucket) ?? null;
  }

  snapshot(bucket: BucketRef): BucketSnapshot | null {
    const row = this.#row.get(bucket);
    return row === undefined ? null : { ...row, points: this.#points.all(row) };
  }

  delivered(bucket: BucketRef, version: number, update: string | null): void {
    this.#delivered.run({ ...bucket, version, update });
  }

  undelivered(bucket: BucketPlace): void {
    this.#undelivered.run(bucket);
  }

  compared(bucket: BucketRef, version: number): void {
    this.#compared.run({ ...bucket, version });
  }

  walk({ after, since_ms, changed_only, limit }: BucketWalk): readonly BucketRef[] {
    const { tenant_id, device_id, start_ms } = after ?? { tenant_id: '', device_id: '', start_ms: 0 };
    return this.#walk[changed_only ? 'changed' : 'all'].all(tenant_id, device_id, start_ms, since_ms, limit);
  }

  sample(since_ms: number, count: number): readonly BucketRef[] {
    return this.#sample.all(since_ms, count);
  }

  hasPoints(): boolean {
    return this.#any.get()?.found === 1;
  }
}
