/** A database as the Admin API tells it: by default just what this project deploys. */
import type { FreshFinding } from '@bas/core/gate/findings';
import { takeReading } from '@bas/core/gate/reading';
import { REQUIRED, type CompositeIndex, type FieldSettings } from '@bas/core/gate/required';
import { openIndexAdmin } from '@bas/core/stores/open';
import type { AdminApi, Message } from './admin-api.ts';

export const PROJECT = 'gate-project';

const ORDERS = { asc: { order: 'ASCENDING' }, desc: { order: 'DESCENDING' }, contains: { arrayConfig: 'CONTAINS' } };
const groupName = (collection: string): string =>
  `projects/${PROJECT}/databases/(default)/collectionGroups/${collection}`;

export const indexName = (collection: string, id: string): string => `${groupName(collection)}/indexes/${id}`;
export const fieldName = (collection: string, path: string): string => `${groupName(collection)}/fields/${path}`;

/** With the document id at the end, as Firestore adds it. */
export function indexMessage(
  { collection, scope, fields }: CompositeIndex,
  id: string,
  changes: Message = {},
): Message {
  const last = fields.at(-1)?.mode ?? 'asc';
  const named = [...fields, { path: '__name__', mode: last }];
  return {
    name: indexName(collection, id),
    queryScope: scope,
    state: 'READY',
    fields: named.map(({ path, mode }) => ({ fieldPath: path, ...ORDERS[mode] })),
    ...changes,
  };
}

export function fieldMessage({ collection, path, indexes, ttl }: FieldSettings, changes: Message = {}): Message {
  return {
    name: fieldName(collection, path),
    indexConfig: {
      indexes: indexes.map(({ mode, scope }) => ({
        queryScope: scope,
        state: 'READY',
        fields: [{ fieldPath: path, ...ORDERS[mode] }],
      })),
    },
    ...(ttl ? { ttlConfig: { state: 'ACTIVE' } } : {}),
    ...changes,
  };
}

/** Everything deployed and ready. */
export function deployAll(api: AdminApi): void {
  api.indexes = REQUIRED.composites.map((index, at) => indexMessage(index, `CI${at}`));
  api.fields = REQUIRED.fields.map((settings) => fieldMessage(settings));
}

/** Replaces one index of the database, or takes it away. */
export function changeIndex(api: AdminApi, at: number, change: (index: Message) => readonly Message[]): void {
  api.indexes = api.indexes.flatMap((index, place) => (place === at ? change(index) : [index]));
}

/** Replaces one field's settings, or takes them away. */
export function changeField(api: AdminApi, name: string, change: (field: Message) => readonly Message[]): void {
  const [collection = '', path = ''] = name.split('.');
  api.fields = api.fields.flatMap((field) => (field['name'] === fieldName(collection, path) ? change(field) : [field]));
}

/** What the gate finds at a server. */
export function readGate(host: string, limit_ms = 5_000): Promise<readonly FreshFinding[]> {
  const connect = () => openIndexAdmin({ project_id: PROJECT, host, limit_ms });
  return takeReading({ kind: 'cloud', project_id: PROJECT, connect }, REQUIRED);
}
