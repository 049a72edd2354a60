import type { DocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import { TenantLeak } from '../../errors.ts';
import { Fields } from './fields.ts';

export interface StoredDocument {
  readonly fields: Fields;
  readonly id: string;
  readonly updated: Timestamp;
}

/** The document, if there is one; it must be of `tenant_id` when that was asked for. */
export function owned(snapshot: DocumentSnapshot, tenant_id: string | undefined): StoredDocument | null {
  const data: Readonly<Record<string, unknown>> | undefined = snapshot.data();
  if (data === undefined || snapshot.updateTime === undefined) return null;
  if (tenant_id !== undefined && data['tenant_id'] !== tenant_id) throw new TenantLeak(snapshot.ref.path, tenant_id);
  return { fields: new Fields(snapshot.ref.path, data), id: snapshot.id, updated: snapshot.updateTime };
}
