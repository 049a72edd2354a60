/** Indexes and field settings as Firestore's REST API tells them, in the shape that the index gate compares. */
import type { Observed, ObservedField, ObservedIndex } from '@bas/core/gate/observed';
import * as z from 'zod';
import type { Google } from './google.ts';

const OVERRIDDEN = 'indexConfig.usesAncestorConfig=false OR ttlConfig:*';

const MODES = { ASCENDING: 'asc', DESCENDING: 'desc', CONTAINS: 'contains' } as const;
const Mode = z
  .object({ fieldPath: z.string(), order: z.string().optional(), arrayConfig: z.string().optional() })
  .transform(({ fieldPath, order, arrayConfig }) => {
    const name = z.enum(['ASCENDING', 'DESCENDING', 'CONTAINS']).safeParse(order ?? arrayConfig);
    return { path: fieldPath, mode: name.success ? MODES[name.data] : ('other' as const) };
  });

const Name = z.string().transform((name) => {
  const [, collection = '', , id = ''] = /\/collectionGroups\/([^/]+)\/(indexes|fields)\/(.+)$/.exec(name) ?? [];
  return { collection, id };
});

const Index = z
  .object({ name: Name, queryScope: z.string(), fields: z.array(Mode), state: z.string() })
  .transform(({ name, queryScope, fields, state }): ObservedIndex => ({ ...name, scope: queryScope, fields, state }));

const Single = z
  .object({ queryScope: z.string(), fields: z.array(Mode), state: z.string() })
  .transform(({ queryScope, fields, state }) => ({ mode: fields[0]?.mode ?? 'other', scope: queryScope, state }));

/** Durations are `86400s` in JSON. */
const Ttl = z
  .object({ state: z.string(), expirationOffset: z.string().default('0s') })
  .transform(({ state, expirationOffset }) => ({ state, offset_s: Number.parseFloat(expirationOffset) }));

const Field = z
  .object({
    name: Name,
    indexConfig: z
      .object({ indexes: z.array(Single).default([]), reverting: z.boolean().default(false) })
      .default({ indexes: [], reverting: false }),
    ttlConfig: Ttl.optional(),
  })
  .transform(({ name, indexConfig, ttlConfig }): ObservedField => {
    return { collection: name.collection, path: name.id, ...indexConfig, ttl: ttlConfig ?? null };
  });

export async function observedIn(google: Google): Promise<Observed> {
  const groups = `v1/projects/${google.project}/databases/(default)/collectionGroups/-`;
  const [indexes, fields] = await Promise.all([
    google.list('firestore', `${groups}/indexes`, 'indexes'),
    google.list('firestore', `${groups}/fields?filter=${encodeURIComponent(OVERRIDDEN)}`, 'fields'),
  ]);
  return { indexes: z.array(Index).parse(indexes), fields: z.array(Field).parse(fields) };
}
