/** What to do about a finding, in the words and commands of whoever runs the project. */
import type { FieldMode } from './required.ts';

interface IndexedField {
  readonly path: string;
  readonly mode: FieldMode | 'other';
}

export const DEPLOY = 'firebase deploy --only firestore:indexes';

/** `(tenant_id asc, timestamp_ms desc)`. */
export const fieldList = (fields: readonly IndexedField[]): string =>
  `(${fields.map(({ path, mode }) => `${path} ${mode}`).join(', ')})`;

export const deleteIndex = (project_id: string, index_id: string): string =>
  `gcloud firestore indexes composite delete ${index_id} --project=${project_id}`;

export const clearExemption = (project_id: string, collection: string, path: string): string =>
  `gcloud firestore indexes fields update ${path} --collection-group=${collection} --clear-exemption --project=${project_id}`;

export const disableTtl = (project_id: string, collection: string, path: string): string =>
  `gcloud firestore fields ttls update ${path} --collection-group=${collection} --disable-ttl --project=${project_id}`;
