import type { Database, Statement } from 'better-sqlite3';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AUDIT_RETENTION_MS, oldestKept_ms, USAGE_RETENTION_MS } from '../../model/retention.ts';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from '../../model/session-rules.ts';
import { usageDay } from '../../model/usage.ts';
import type { SweepStore, SweptRows } from '../contracts.ts';
import type { Access } from './driver.ts';
import type { Tables } from './tables.ts';

/** Rows deleted under one lock. Small enough that a waiting device never notices. */
export const SWEEP_BATCH_ROWS = 1_000;

interface DeviceId {
  readonly tenant_id: string;
  readonly device_id: string;
}

interface ExpiredPoints extends DeviceId {
  readonly cutoff_ms: number;
  readonly batch: number;
}

/** The statements that only housekeeping needs. Each walks a key from its start, so none reads what it keeps. */
export class SweepStatements {
  readonly nextDevice: Statement<[DeviceId], DeviceId>;
  readonly points: Statement<[ExpiredPoints]>;
  readonly buckets: Statement<[ExpiredPoints]>;
  readonly auditEvents: Statement<[number, number]>;
  readonly usage: Statement<[string, number]>;

  constructor(db: Database) {
    this.nextDevice = db.prepare(
      `SELECT tenant_id, device_id FROM telemetry_buckets WHERE (tenant_id, device_id) > (@tenant_id, @device_id)
       ORDER BY tenant_id, device_id LIMIT 1`,
    );
    const ofDevice = 'tenant_id = @tenant_id AND device_id = @device_id';
    this.points = db.prepare(
      `DELETE FROM telemetry WHERE ${ofDevice} AND timestamp_ms < coalesce(
         (SELECT timestamp_ms FROM telemetry WHERE ${ofDevice} AND timestamp_ms < @cutoff_ms
          ORDER BY timestamp_ms LIMIT 1 OFFSET @batch), @cutoff_ms)`,
    );
    // A bucket's size counts its expired points until the whole bucket has expired, as on Firestore.
    this.buckets = db.prepare(`DELETE FROM telemetry_buckets WHERE ${ofDevice} AND end_ms <= @cutoff_ms`);
    this.auditEvents = db.prepare(
      `DELETE FROM audit_log WHERE event_id IN
         (SELECT event_id FROM audit_log WHERE timestamp_ms < ? ORDER BY timestamp_ms LIMIT ?)`,
    );
    const key = 'tenant_id, day, shard, function, device_id';
    this.usage = db.prepare(
      `DELETE FROM usage WHERE (${key}) IN (SELECT ${key} FROM usage WHERE day < ? ORDER BY day LIMIT ?)`,
    );
  }
}

export class SqliteSweeps implements SweepStore {
  readonly #access: Access;
  readonly #tables: Tables;

  constructor(access: Access, tables: Tables) {
    this.#access = access;
    this.#tables = tables;
  }

  sessions(now_ms: number): Promise<number> {
    const { sessions, throttle, state } = this.#tables;
    return this.#access.change(
      () =>
        sessions.removeUntil(now_ms - SESSION_IDLE_MS, now_ms - SESSION_ABSOLUTE_MS) +
        throttle.removeForgotten(now_ms) +
        state.forgetEnded(now_ms),
    );
  }

  async retention(now_ms: number): Promise<SweptRows> {
    const cutoff_ms = oldestKept_ms(now_ms);
    let points = 0;
    for (let device = await this.#deviceAfter(null); device !== null; device = await this.#deviceAfter(device)) {
      points += await this.#expirePoints({ ...device, cutoff_ms, batch: SWEEP_BATCH_ROWS });
      // Statements are synchronous: without this, a thousand devices are one turn in which nothing is answered.
      await nextTurn();
    }
    const { auditEvents, usage } = this.#tables.sweeps;
    const audit_events = await this.#inBatches(() => auditEvents.run(now_ms - AUDIT_RETENTION_MS, SWEEP_BATCH_ROWS));
    const last_day = usageDay(now_ms - USAGE_RETENTION_MS);
    const usage_rows = await this.#inBatches(() => usage.run(last_day, SWEEP_BATCH_ROWS));
    return { points, audit_events, usage_rows };
  }

  #deviceAfter(device: DeviceId | null): Promise<DeviceId | null> {
    const { nextDevice } = this.#tables.sweeps;
    return this.#access.read(() => nextDevice.get(device ?? { tenant_id: '', device_id: '' }) ?? null);
  }

  async #expirePoints(expired: ExpiredPoints): Promise<number> {
    const { points, buckets } = this.#tables.sweeps;
    const deleted = await this.#inBatches(() => points.run(expired));
    await this.#access.change(() => buckets.run(expired));
    return deleted;
  }

  /** Deletes batch by batch until one is not full; writers get their turn, and requests theirs, in between. */
  async #inBatches(deleteBatch: () => { readonly changes: number }): Promise<number> {
    let deleted = 0;
    for (;;) {
      const { changes } = await this.#access.change(deleteBatch);
      deleted += changes;
      if (changes < SWEEP_BATCH_ROWS) return deleted;
      await nextTurn();
    }
  }
}
