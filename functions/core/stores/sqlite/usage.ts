import type { Database, Statement } from 'better-sqlite3';
import type { UsagePart, UsagePlace, UsageRow } from '../../model/usage.ts';
import type { UsageStore } from '../contracts.ts';
import type { Scope } from './tables.ts';

interface StoredRow extends UsageRow, UsagePlace {
  readonly tenant_id: string;
  readonly device_id: string;
}

type Place = Pick<StoredRow, 'tenant_id' | 'day' | 'shard'>;

/** A row for each function and device of a day; an empty `device_id` stands for none. */
export class UsageTable {
  readonly #add: Statement<[StoredRow]>;
  readonly #next: Statement<[Place & { readonly last_day: string }], UsagePlace>;
  readonly #rows: Statement<[Place], Omit<StoredRow, keyof Place>>;

  constructor(db: Database) {
    this.#add = db.prepare(
      `INSERT INTO usage (tenant_id, day, shard, function, device_id, reads, writes, deletes, points)
       VALUES (@tenant_id, @day, @shard, @function, @device_id, @reads, @writes, @deletes, @points)
       ON CONFLICT DO UPDATE SET reads = reads + excluded.reads, writes = writes + excluded.writes,
         deletes = deletes + excluded.deletes, points = points + excluded.points`,
    );
    this.#next = db.prepare(
      `SELECT day, shard FROM usage WHERE tenant_id = @tenant_id AND (day, shard) >= (@day, @shard) AND day <= @last_day
       ORDER BY day, shard LIMIT 1`,
    );
    this.#rows = db.prepare(
      `SELECT function, device_id, reads, writes, deletes, points FROM usage
       WHERE tenant_id = @tenant_id AND day = @day AND shard = @shard`,
    );
  }

  add(tenant_id: string, { day, shard, rows }: UsagePart): void {
    for (const row of rows) this.#add.run({ ...row, tenant_id, day, shard, device_id: row.device_id ?? '' });
  }

  list(tenant_id: string, from: UsagePlace, last_day: string, limit: number): readonly UsagePart[] {
    const parts: UsagePart[] = [];
    let { day, shard } = from;
    while (parts.length < limit) {
      const place = this.#next.get({ tenant_id, day, shard, last_day });
      if (place === undefined) break;
      const rows = this.#rows.all({ tenant_id, ...place });
      parts.push({ ...place, rows: rows.map((row) => ({ ...row, device_id: row.device_id || null })) });
      [day, shard] = [place.day, place.shard + 1];
    }
    return parts;
  }
}

export class SqliteUsage implements UsageStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  add(part: UsagePart): Promise<void> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      tables.usage.add(tenant_id, part);
    });
  }

  list(from: UsagePlace, last_day: string, limit: number): Promise<readonly UsagePart[]> {
    const { access, tables, tenant_id } = this.#scope;
    return access.read(() => tables.usage.list(tenant_id, from, last_day, limit));
  }
}
