/**
 * How many bytes Firestore bills for a document and its index entries, by its published formulas:
 * https://firebase.google.com/docs/firestore/storage-size, and for which entries there are by default,
 * https://firebase.google.com/docs/firestore/query-data/index-overview.
 */
import { Timestamp } from '@google-cloud/firestore';
import type { FieldMode, Required } from '../../gate/required.ts';
import type { DocumentPath } from './paths.ts';

/** What a name, a document and an index entry take besides what is in them; a map is counted like a document. */
const NAME_BYTES = 16;
const DOCUMENT_BYTES = 32;
const ENTRY_BYTES = 32;
const NUMBER_BYTES = 8;
const FLAG_BYTES = 1;

const DEFAULT_MODES: readonly FieldMode[] = ['asc', 'desc', 'contains'];

export type StoredFields = Readonly<Record<string, unknown>>;
export type Name = Pick<DocumentPath, 'collection' | 'id'>;
export type Indexes = Pick<Required, 'composites' | 'fields'>;

/** Without a composite index or an exemption: what Firestore does by itself. */
export const DEFAULT_INDEXES: Indexes = { composites: [], fields: [] };

/** The document and all its index entries. */
export function storedBytes(name: Name, fields: StoredFields, indexes: Indexes): number {
  return documentBytes(name, fields) + indexBytes(name, fields, indexes);
}

/** What counts against the limit of 1 MiB. */
export function documentBytes(name: Name, fields: StoredFields): number {
  return nameBytes(name) + valueBytes(fields);
}

export function indexBytes(name: Name, fields: StoredFields, { composites, fields: settings }: Indexes): number {
  const modes = new Map<string, readonly FieldMode[]>();
  for (const { collection, path, indexes } of settings) {
    const own = indexes.map(({ mode }) => mode);
    if (collection === name.collection) modes.set(path, own);
  }
  const entry_bytes = nameBytes(name) + ENTRY_BYTES;
  let bytes = 0;
  for (const [field, value] of Object.entries(fields)) {
    bytes += singleFieldBytes(entry_bytes, modes, { path: field, value, inherited: DEFAULT_MODES });
  }
  for (const { collection, fields: parts } of composites) {
    const values = parts.map(({ path }) => fields[path]);
    // A document without one of the fields is not in the index.
    if (collection !== name.collection || values.includes(undefined)) continue;
    bytes += entry_bytes + values.reduce<number>((sum, value) => sum + valueBytes(value), 0);
  }
  return bytes;
}

interface IndexedField {
  readonly path: string;
  readonly value: unknown;
  /** The settings of the map it is in: an exemption holds for all that is inside. */
  readonly inherited: readonly FieldMode[];
}

function singleFieldBytes(
  entry_bytes: number,
  settings: ReadonlyMap<string, readonly FieldMode[]>,
  { path, value, inherited }: IndexedField,
): number {
  const modes = settings.get(path) ?? inherited;
  const entry = (of: unknown): number => entry_bytes + textBytes(path) + valueBytes(of);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return modes.includes('contains') ? items.reduce<number>((sum, item) => sum + entry(item), 0) : 0;
  }
  let bytes = modes.filter((mode) => mode !== 'contains').length * entry(value);
  if (!isMap(value)) return bytes;
  for (const [member, inner] of Object.entries(value)) {
    bytes += singleFieldBytes(entry_bytes, settings, { path: `${path}.${member}`, value: inner, inherited: modes });
  }
  return bytes;
}

function nameBytes({ collection, id }: Name): number {
  return textBytes(collection) + textBytes(id) + NAME_BYTES;
}

function textBytes(text: string): number {
  return Buffer.byteLength(text) + 1;
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number' || value instanceof Timestamp) return NUMBER_BYTES;
  if (typeof value === 'boolean' || value === null) return FLAG_BYTES;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.reduce<number>((sum, item) => sum + valueBytes(item), 0);
  }
  if (!isMap(value)) throw new TypeError(`No size is published for a ${typeof value}.`);
  return Object.entries(value).reduce(
    (sum, [field, inner]) => sum + textBytes(field) + valueBytes(inner),
    DOCUMENT_BYTES,
  );
}

function isMap(value: unknown): value is StoredFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Timestamp);
}
