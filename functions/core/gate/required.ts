/** What must exist in Firestore besides documents: the top-level `firestore.indexes.json`, which a build takes in. */
import * as z from 'zod';
import file from '../../../firestore.indexes.json' with { type: 'json' };
import { sha256 } from '../ids.ts';

/** How one field takes part in an index. */
export type FieldMode = 'asc' | 'desc' | 'contains';

export interface CompositeIndex {
  readonly collection: string;
  readonly scope: string;
  readonly fields: readonly { readonly path: string; readonly mode: FieldMode }[];
}

/** An index over one field alone. */
export interface SingleIndex {
  readonly mode: FieldMode;
  readonly scope: string;
}

/** A field whose indexes are not Firestore's default ones, or that says when its document expires. */
export interface FieldSettings {
  readonly collection: string;
  readonly path: string;
  readonly indexes: readonly SingleIndex[];
  readonly ttl: boolean;
}

export interface Required {
  readonly composites: readonly CompositeIndex[];
  readonly fields: readonly FieldSettings[];
  /** Changes with the content: an answer about other requirements is no answer about these. */
  readonly version: string;
}

const MODES = { ASCENDING: 'asc', DESCENDING: 'desc' } as const;
const Order = z.enum(['ASCENDING', 'DESCENDING']).transform((order) => MODES[order]);
const Scope = z.enum(['COLLECTION', 'COLLECTION_GROUP']).default('COLLECTION');

/** Strict: a setting that the gate does not compare must not look as if it did. */
const IndexFile = z.strictObject({
  indexes: z.array(
    z
      .strictObject({
        collectionGroup: z.string(),
        queryScope: Scope,
        fields: z.array(z.strictObject({ fieldPath: z.string(), order: Order })).min(2),
      })
      .transform(({ collectionGroup, queryScope, fields }) => ({
        collection: collectionGroup,
        scope: queryScope,
        fields: fields.map(({ fieldPath, order }) => ({ path: fieldPath, mode: order })),
      })),
  ),
  fieldOverrides: z
    .array(
      z
        .strictObject({
          collectionGroup: z.string(),
          fieldPath: z.string(),
          ttl: z.boolean().default(false),
          indexes: z.array(
            z.union([
              z.strictObject({ order: Order, queryScope: Scope }).transform(({ order, queryScope }) => ({
                mode: order,
                scope: queryScope,
              })),
              z
                .strictObject({ arrayConfig: z.literal('CONTAINS'), queryScope: Scope })
                .transform(({ queryScope }) => ({ mode: 'contains' as const, scope: queryScope })),
            ]),
          ),
        })
        .transform(({ collectionGroup, fieldPath, ttl, indexes }) => ({
          collection: collectionGroup,
          path: fieldPath,
          ttl,
          indexes,
        })),
    )
    .default([]),
});

/** Reads the content of a `firestore.indexes.json`; throws a `ZodError` for what this project's gate cannot compare. */
export function parseRequired(content: unknown): Required {
  const { indexes, fieldOverrides } = IndexFile.parse(content);
  return { composites: indexes, fields: fieldOverrides, version: sha256(JSON.stringify(content)).slice(0, 16) };
}

/** What this build of the suite needs. */
export const REQUIRED: Required = parseRequired(file);
