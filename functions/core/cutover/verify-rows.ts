import { isDeepStrictEqual } from 'node:util';
import { everyRow } from '../stores/every-row.ts';
import { Meter } from '../observability/meter.ts';
import type { Stores } from '../stores/contracts.ts';
import type { JournaledRow } from '../stores/journal.ts';
import type { Mirror } from '../stores/mirror.ts';
import type { BoxParts } from './parts.ts';
import { moveRefused } from './refused.ts';

const AT_ONCE = 100;

/** Compares rows with their documents, each read anew; one line for each that differs. */
async function differingRows(mirror: Mirror, rows: readonly JournaledRow[]): Promise<readonly JournaledRow[]> {
  const differing: JournaledRow[] = [];
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const some = rows.slice(from, from + AT_ONCE);
    const found = await mirror.getRows(some);
    differing.push(...some.filter(({ row }, at) => !isDeepStrictEqual({ ...found[at] }, { ...row })));
  }
  return differing;
}

/** Refuses a move while rows differ, and has them copied again, so that the next try may find them equal. */
export async function refuseDiffering(
  { mirror, journal, clock }: Pick<BoxParts, 'mirror' | 'journal' | 'clock'>,
  rows: readonly JournaledRow[],
): Promise<void> {
  const differing = await differingRows(mirror, rows);
  if (differing.length === 0) return;
  await journal.mark(differing, clock.now_ms());
  throw moveRefused(differing.map((row) => `${nameOf(row)} is not the same in Firestore: it is copied again.`));
}

function nameOf({ kind, row }: JournaledRow): string {
  switch (kind) {
    case 'tenant':
      return `tenant ${row.tenant_id}`;
    case 'device':
      return `device ${row.tenant_id}/${row.device_id}`;
    case 'key':
      return `key ${row.key_id} of ${row.tenant_id}/${row.device_id}`;
    case 'user':
      return `user ${row.tenant_id}/${row.username}`;
    case 'audit':
      return `event ${row.event_id}`;
  }
}

/** Everybody of every tenant, as SQLite has them. */
export async function allUsers({ backend }: Pick<BoxParts, 'backend'>): Promise<readonly JournaledRow[]> {
  return ofEveryTenant(backend.withMeter(new Meter()), async (stores, tenant_id) => {
    const users = await everyRow(
      (page) => stores.forTenant(tenant_id).users.list(page),
      ({ user_id }) => user_id,
    );
    return users.map((row) => ({ kind: 'user', row }));
  });
}

/** Tenants, devices and the keys they may use, as SQLite has them. */
export async function allDevices({ backend }: Pick<BoxParts, 'backend'>): Promise<readonly JournaledRow[]> {
  return ofEveryTenant(backend.withMeter(new Meter()), async (stores, tenant_id) => {
    const tenant = await stores.tenants.get(tenant_id);
    const devices = await everyRow(
      (page) => stores.forTenant(tenant_id).devices.list(page),
      ({ device_id }) => device_id,
    );
    const rows: JournaledRow[] = devices.map((row) => ({ kind: 'device', row }));
    for (const { key_id } of devices.flatMap(({ keys }) => keys)) {
      const row = await stores.credentials.findKey(key_id);
      if (row !== null) rows.push({ kind: 'key', row });
    }
    return tenant === null ? rows : [{ kind: 'tenant', row: tenant }, ...rows];
  });
}

async function ofEveryTenant(
  stores: Stores,
  rowsOf: (stores: Stores, tenant_id: string) => Promise<readonly JournaledRow[]>,
): Promise<readonly JournaledRow[]> {
  const tenants = await everyRow(
    (page) => stores.tenants.list(page),
    ({ tenant_id }) => tenant_id,
  );
  const rows: JournaledRow[] = [];
  for (const { tenant_id } of tenants) rows.push(...(await rowsOf(stores, tenant_id)));
  return rows;
}
