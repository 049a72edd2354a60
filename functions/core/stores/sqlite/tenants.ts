import type { Database, Statement } from 'better-sqlite3';
import type { Tenant } from '../../model/entities.ts';
import type { ListPage, TenantStore } from '../contracts.ts';
import type { Access } from './driver.ts';
import type { Tables } from './tables.ts';

interface TenantRow extends Omit<Tenant, 'disabled'> {
  readonly disabled: number;
}

function toRow(tenant: Tenant): TenantRow {
  return { ...tenant, disabled: Number(tenant.disabled) };
}

function fromRow(row: TenantRow): Tenant {
  return { ...row, disabled: row.disabled === 1 };
}

export class TenantTable {
  readonly #get: Statement<[string], TenantRow>;
  readonly #list: Statement<[string, number], TenantRow>;
  readonly #insert: Statement<[TenantRow]>;
  readonly #setDisabled: Statement<[number, string]>;

  constructor(db: Database) {
    this.#get = db.prepare('SELECT * FROM tenants WHERE tenant_id = ?');
    this.#list = db.prepare('SELECT * FROM tenants WHERE tenant_id > ? ORDER BY tenant_id LIMIT ?');
    this.#insert = db.prepare(
      'INSERT INTO tenants VALUES (@tenant_id, @name, @disabled, @created_ms) ON CONFLICT DO NOTHING',
    );
    this.#setDisabled = db.prepare('UPDATE tenants SET disabled = ? WHERE tenant_id = ?');
  }

  get(tenant_id: string): Tenant | null {
    const row = this.#get.get(tenant_id);
    return row === undefined ? null : fromRow(row);
  }

  list({ after, limit }: ListPage): readonly Tenant[] {
    return this.#list.all(after ?? '', limit).map(fromRow);
  }

  insert(tenant: Tenant): boolean {
    return this.#insert.run(toRow(tenant)).changes === 1;
  }

  setDisabled(tenant_id: string, disabled: boolean): void {
    this.#setDisabled.run(Number(disabled), tenant_id);
  }
}

export class SqliteTenants implements TenantStore {
  readonly #access: Access;
  readonly #tables: Tables;

  constructor(access: Access, tables: Tables) {
    this.#access = access;
    this.#tables = tables;
  }

  get(tenant_id: string): Promise<Tenant | null> {
    return this.#access.read(() => this.#tables.tenants.get(tenant_id));
  }

  list(page: ListPage): Promise<readonly Tenant[]> {
    return this.#access.read(() => this.#tables.tenants.list(page));
  }

  create(tenant: Tenant): Promise<'created' | 'exists'> {
    return this.#access.change(() => (this.#tables.tenants.insert(tenant) ? 'created' : 'exists'));
  }

  setDisabled(tenant_id: string, disabled: boolean): Promise<Tenant | null> {
    return this.#access.change(() => {
      this.#tables.tenants.setDisabled(tenant_id, disabled);
      if (disabled) this.#tables.sessions.removeOfTenant(tenant_id);
      return this.#tables.tenants.get(tenant_id);
    });
  }
}
