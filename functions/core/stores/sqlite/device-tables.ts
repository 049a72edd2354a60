import type { Database, Statement } from 'better-sqlite3';
import type { WidthHistory } from '../../model/bucket.ts';
import type { Device, DeviceKey, DeviceKeyInfo, Tags } from '../../model/entities.ts';
import type { ListPage } from '../contracts.ts';

type DeviceWithoutKeys = Omit<Device, 'keys'>;

interface DeviceRow extends Omit<DeviceWithoutKeys, 'tags' | 'widths' | 'disabled'> {
  readonly tags: string;
  readonly widths: string;
  readonly disabled: number;
}

function toRow(device: DeviceWithoutKeys): DeviceRow {
  return {
    tenant_id: device.tenant_id,
    device_id: device.device_id,
    name: device.name,
    tags: JSON.stringify(device.tags),
    expected_interval_ms: device.expected_interval_ms,
    widths: JSON.stringify(device.widths),
    disabled: Number(device.disabled),
    last_seen_ms: device.last_seen_ms,
    created_ms: device.created_ms,
  };
}

/** A device with its live keys, oldest first, in one statement: every request that names a device pays for it. */
const SELECT = `SELECT *, (
    SELECT json_group_array(json_object('key_id', key_id, 'created_ms', created_ms, 'last_used_ms', last_used_ms))
    FROM device_keys
    WHERE tenant_id = devices.tenant_id AND device_id = devices.device_id AND revoked_ms IS NULL
  ) AS keys FROM devices`;

function byAge(a: DeviceKeyInfo, b: DeviceKeyInfo): number {
  return a.created_ms - b.created_ms || (a.key_id < b.key_id ? -1 : 1);
}

interface DeviceWithKeysRow extends DeviceRow {
  readonly keys: string;
}

function fromRow(row: DeviceWithKeysRow): Device {
  return {
    ...row,
    tags: JSON.parse(row.tags) as Tags,
    widths: JSON.parse(row.widths) as WidthHistory,
    disabled: row.disabled === 1,
    keys: (JSON.parse(row.keys) as DeviceKeyInfo[]).sort(byAge),
  };
}

export class DeviceTable {
  readonly #get: Statement<[string, string], DeviceWithKeysRow>;
  readonly #list: Statement<[string, string, number], DeviceWithKeysRow>;
  readonly #insert: Statement<[DeviceRow]>;
  readonly #update: Statement<[DeviceRow]>;
  readonly #seen: Statement<[number, string, string]>;

  constructor(db: Database) {
    this.#get = db.prepare(`${SELECT} WHERE tenant_id = ? AND device_id = ?`);
    this.#list = db.prepare(`${SELECT} WHERE tenant_id = ? AND device_id > ? ORDER BY device_id LIMIT ?`);
    this.#insert = db.prepare(
      `INSERT INTO devices VALUES (@tenant_id, @device_id, @name, @tags, @expected_interval_ms, @widths, @disabled,
         @last_seen_ms, @created_ms) ON CONFLICT (tenant_id, device_id) DO NOTHING`,
    );
    this.#update = db.prepare(
      `UPDATE devices SET name = @name, tags = @tags, expected_interval_ms = @expected_interval_ms, widths = @widths,
         disabled = @disabled WHERE tenant_id = @tenant_id AND device_id = @device_id`,
    );
    this.#seen = db.prepare(
      `UPDATE devices SET last_seen_ms = max(coalesce(last_seen_ms, 0), ?) WHERE tenant_id = ? AND device_id = ?`,
    );
  }

  get(tenant_id: string, device_id: string): Device | null {
    const row = this.#get.get(tenant_id, device_id);
    return row === undefined ? null : fromRow(row);
  }

  list(tenant_id: string, { after, limit }: ListPage): readonly Device[] {
    return this.#list.all(tenant_id, after ?? '', limit).map(fromRow);
  }

  insert(device: Device): boolean {
    return this.#insert.run(toRow(device)).changes === 1;
  }

  update(device: Device): void {
    this.#update.run(toRow(device));
  }

  seen(tenant_id: string, device_id: string, now_ms: number): void {
    this.#seen.run(now_ms, tenant_id, device_id);
  }
}

export class KeyTable {
  readonly #find: Statement<[string], DeviceKey>;
  readonly #insert: Statement<[DeviceKey]>;
  readonly #revoke: Statement<[number, string, string, string]>;
  readonly #used: Statement<[number, string, string, string]>;

  constructor(db: Database) {
    this.#find = db.prepare(
      'SELECT key_id, tenant_id, device_id, secret_sha256, created_ms, revoked_ms FROM device_keys WHERE key_id = ?',
    );
    this.#insert = db.prepare(
      'INSERT INTO device_keys VALUES (@key_id, @tenant_id, @device_id, @secret_sha256, @created_ms, NULL, @revoked_ms)',
    );
    const live = 'key_id = ? AND tenant_id = ? AND device_id = ? AND revoked_ms IS NULL';
    this.#revoke = db.prepare(`UPDATE device_keys SET revoked_ms = ? WHERE ${live}`);
    this.#used = db.prepare(`UPDATE device_keys SET last_used_ms = max(coalesce(last_used_ms, 0), ?) WHERE ${live}`);
  }

  find(key_id: string): DeviceKey | null {
    return this.#find.get(key_id) ?? null;
  }

  insert(key: DeviceKey): void {
    this.#insert.run(key);
  }

  /** False when the device has no such live key. */
  revoke(tenant_id: string, device_id: string, key_id: string, now_ms: number): boolean {
    return this.#revoke.run(now_ms, key_id, tenant_id, device_id).changes === 1;
  }

  used(tenant_id: string, device_id: string, key_id: string, now_ms: number): boolean {
    return this.#used.run(now_ms, key_id, tenant_id, device_id).changes === 1;
  }
}
