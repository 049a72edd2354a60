import type { Database, Statement } from 'better-sqlite3';
import type { WriteBudget } from '../../budgets/device-writes.ts';
import type { Device } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import type { BucketChange, BucketView } from '../../model/write-plan.ts';
import { NewestPoints } from '../newest-points.ts';

type DeviceId = Pick<Device, 'tenant_id' | 'device_id'>;

/** Points as plain rows, the size of each bucket they would share on Firestore, and the device's write budget. */
export class TelemetryTable {
  readonly #page: Statement<[string, string, number, number, number], Point>;
  readonly #metricsAt: Statement<[string, string, number], { metrics: string }>;
  readonly #put: Statement<[string, string, number, string]>;
  readonly #bytes: Statement<[string, string, number], { bytes: number }>;
  readonly #putBucket: Statement<[string, string, number, number, number, number]>;
  readonly #budget: Statement<[string, string], WriteBudget>;
  readonly #putBudget: Statement<[string, string, number, number]>;

  /** A commit of this process forgets its device; every other one's moves SQLite's own count. */
  readonly #newest = new NewestPoints<number>();
  readonly #version: Statement<[], number>;

  constructor(db: Database) {
    this.#version = db.prepare<[], number>('PRAGMA data_version').pluck();
    const ofDevice = 'WHERE tenant_id = ? AND device_id = ?';
    this.#page = db.prepare(
      `SELECT timestamp_ms, metrics FROM telemetry ${ofDevice} AND timestamp_ms >= ? AND timestamp_ms < ?
       ORDER BY timestamp_ms DESC LIMIT ?`,
    );
    this.#metricsAt = db.prepare(`SELECT metrics FROM telemetry ${ofDevice} AND timestamp_ms = ?`);
    this.#put = db.prepare('INSERT OR REPLACE INTO telemetry VALUES (?, ?, ?, ?)');
    this.#bytes = db.prepare(`SELECT bytes FROM telemetry_buckets ${ofDevice} AND start_ms = ?`);
    // `changed_ms` is when the oldest change was made that Firestore lacks.
    this.#putBucket = db.prepare(
      `INSERT INTO telemetry_buckets (tenant_id, device_id, start_ms, end_ms, bytes, changed_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET end_ms = excluded.end_ms, bytes = excluded.bytes, version = version + 1,
         changed_ms = iif(delivered_version = version, excluded.changed_ms, changed_ms)`,
    );
    this.#budget = db.prepare(`SELECT minute_ms, used FROM write_budget ${ofDevice}`);
    this.#putBudget = db.prepare('INSERT OR REPLACE INTO write_budget VALUES (?, ?, ?, ?)');
  }

  /** A page that ends at the newest point, most likely: from memory while nothing was committed that could change it. */
  newest(device: DeviceId, start_ms: number, end_ms: number, limit: number): readonly Point[] {
    const key = keyOf(device);
    const version = this.#version.get() ?? 0;
    const known = this.#newest.recall(key, start_ms, end_ms, limit, version);
    if (known !== null) return known;
    const points = this.page(device, start_ms, Number.MAX_SAFE_INTEGER, limit);
    this.#newest.remember(key, start_ms, limit, points, version);
    const [newest] = points;
    return newest === undefined || newest.timestamp_ms < end_ms ? points : this.page(device, start_ms, end_ms, limit);
  }

  /** Newest first, `start_ms` inclusive, `end_ms` exclusive. */
  page({ tenant_id, device_id }: DeviceId, start_ms: number, end_ms: number, limit: number): readonly Point[] {
    return this.#page.all(tenant_id, device_id, start_ms, end_ms, limit);
  }

  bucket({ tenant_id, device_id }: DeviceId, start_ms: number): BucketView {
    return {
      metricsAt: (timestamp_ms) => this.#metricsAt.get(tenant_id, device_id, timestamp_ms)?.metrics,
      bytes: this.#bytes.get(tenant_id, device_id, start_ms)?.bytes ?? 0,
    };
  }

  apply(device: DeviceId, { start_ms, end_ms, bytes, points }: BucketChange, now_ms: number): void {
    const { tenant_id, device_id } = device;
    this.#newest.forget(keyOf(device));
    for (const [timestamp_ms, metrics] of points) this.#put.run(tenant_id, device_id, timestamp_ms, metrics);
    this.#putBucket.run(tenant_id, device_id, start_ms, end_ms, bytes, now_ms);
  }

  budget({ tenant_id, device_id }: DeviceId): WriteBudget | null {
    return this.#budget.get(tenant_id, device_id) ?? null;
  }

  putBudget({ tenant_id, device_id }: DeviceId, { minute_ms, used }: WriteBudget): void {
    this.#putBudget.run(tenant_id, device_id, minute_ms, used);
  }
}

function keyOf({ tenant_id, device_id }: DeviceId): string {
  return `${tenant_id} ${device_id}`;
}
