/** Rows of a box as the documents they travel as. */
import type { Timestamp } from '@google-cloud/firestore';
import type { JournaledRow } from '../journal.ts';
import { auditEvents, deviceKeys, devices, tenants, users } from './converters.ts';
import type { Change, FieldChange, StoredDocument } from './documents.ts';
import { paths, type DocumentPath } from './paths.ts';

/** The change that puts a document in the place of the one updated `at`, or where there is none. */
export function over(path: DocumentPath, fields: Readonly<Record<string, unknown>>, at: Timestamp | null): Change {
  if (at === null) return { kind: 'create', path, fields };
  const changes = Object.entries(fields).map(([field, value]): FieldChange => [[field], value]);
  return { kind: 'update', path, fields: changes, at };
}

export function rowPath(found: JournaledRow): DocumentPath {
  switch (found.kind) {
    case 'tenant':
      return paths.tenant(found.row.tenant_id);
    case 'device':
      return paths.device(found.row.tenant_id, found.row.device_id);
    case 'key':
      return paths.deviceKey(found.row.key_id);
    case 'user':
      return paths.user(found.row.user_id);
    case 'audit':
      return paths.auditEvent(found.row.event_id);
  }
}

/** `held` says when each document was updated that may be replaced. */
export function putRow(found: JournaledRow, held: ReadonlyMap<string, Timestamp>): readonly Change[] {
  const path = rowPath(found);
  const put = (fields: Readonly<Record<string, unknown>>) => over(path, fields, held.get(keyOf(path)) ?? null);
  switch (found.kind) {
    case 'tenant':
      return [put(tenants.write(found.row))];
    case 'device':
      return [put(devices.write(found.row))];
    case 'key':
      return [put(deviceKeys.write(found.row))];
    case 'audit':
      return [{ kind: 'put', path, fields: auditEvents.write(found.row) }];
    case 'user': {
      const { tenant_id, username, user_id } = found.row;
      const guard: Change = {
        kind: 'put',
        path: paths.username(tenant_id, username),
        fields: { tenant_id, username, user_id },
      };
      return [put(users.write(found.row)), guard];
    }
  }
}

export function keyOf({ collection, id }: DocumentPath): string {
  return `${collection}/${id}`;
}

export function readRow({ kind }: JournaledRow, { fields }: StoredDocument): JournaledRow['row'] {
  switch (kind) {
    case 'tenant':
      return tenants.read(fields);
    case 'device':
      return devices.read(fields);
    case 'key':
      return deviceKeys.read(fields);
    case 'user':
      return users.read(fields);
    case 'audit':
      return auditEvents.read(fields);
  }
}
