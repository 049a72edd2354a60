/** Firestore's Admin API, which tells the state of indexes and TTL policies. Loaded only by whoever asks for it. */
import { FirestoreAdminClient } from '@google-cloud/firestore-api/admin_v1';
import { grpc } from 'google-gax';
import * as z from 'zod';
import { Problem } from '../../errors.ts';
import {
  AdminFailure,
  type AdminFailureCode,
  type IndexAdmin,
  type IndexAdminOptions,
  type ObservedField,
  type ObservedIndex,
} from '../../gate/observed.ts';
import type { FieldMode } from '../../gate/required.ts';
import { withDeadline } from '../../resilience/deadline.ts';
import { DEADLINE_MS } from './patience.ts';
import { NO_NETWORK, NO_TOKEN } from './verdicts.ts';

/** Fields that were given settings of their own. The Firebase CLI, which deploys them, reads them back with the same filter. */
const OVERRIDDEN = 'indexConfig.usesAncestorConfig=false OR ttlConfig:*';

/** Throws an `AdminFailure` when there are no credentials; asks Firestore nothing yet. */
export async function openIndexAdmin({
  project_id,
  host,
  limit_ms = DEADLINE_MS,
}: IndexAdminOptions): Promise<IndexAdmin> {
  const client = connectAdmin(project_id, host);
  // Waited for: when its calls start it themselves and there are no credentials, the client ends the process.
  await told(withDeadline(client.initialize(), limit_ms), 'unauthenticated');
  const parent = client.collectionGroupPath(project_id, '(default)', '-');
  // The gate asks again by itself, and later: a retry here would only hide what is wrong.
  const call = { timeout: limit_ms, retry: null };
  const ask = async () => {
    const [[indexes], [fields]] = await Promise.all([
      client.listIndexes({ parent }, call),
      client.listFields({ parent, filter: OVERRIDDEN }, call),
    ]);
    return { indexes: z.array(IndexMessage).parse(indexes), fields: z.array(FieldMessage).parse(fields) };
  };
  return { observe: () => told(withDeadline(ask(), limit_ms)), close: () => client.close() };
}

function connectAdmin(project_id: string, host: string | undefined): FirestoreAdminClient {
  const [servicePath, port] = host?.split(':') ?? [];
  return new FirestoreAdminClient({
    projectId: project_id,
    universeDomain: 'googleapis.com',
    ...(host === undefined ? {} : { servicePath, port: Number(port), sslCreds: grpc.credentials.createInsecure() }),
  });
}

const ModeMessage = z
  .object({ fieldPath: z.string(), order: z.string().nullish(), arrayConfig: z.string().nullish() })
  .transform(({ fieldPath, order, arrayConfig }) => ({ path: fieldPath, mode: modeOf(order ?? arrayConfig) }));

const MODES: Readonly<Record<string, FieldMode>> = { ASCENDING: 'asc', DESCENDING: 'desc', CONTAINS: 'contains' };
const modeOf = (name: string | null | undefined): FieldMode | 'other' => MODES[name ?? ''] ?? 'other';

/** `projects/P/databases/D/collectionGroups/telemetry/indexes/ID`: the collection and the last part. */
const ResourceName = z.string().transform((name) => {
  const [, collection = '', , id = ''] = /\/collectionGroups\/([^/]+)\/(indexes|fields)\/(.+)$/.exec(name) ?? [];
  return { collection, id };
});

const IndexMessage = z
  .object({ name: ResourceName, queryScope: z.string(), fields: z.array(ModeMessage), state: z.string() })
  .transform(({ name, queryScope, fields, state }): ObservedIndex => ({ ...name, scope: queryScope, fields, state }));

const SingleMessage = z
  .object({ queryScope: z.string(), fields: z.array(ModeMessage), state: z.string() })
  .transform(({ queryScope, fields, state }) => ({ mode: fields[0]?.mode ?? 'other', scope: queryScope, state }));

const TtlMessage = z
  .object({ state: z.string(), expirationOffset: z.object({ seconds: z.coerce.number() }).nullish() })
  .transform(({ state, expirationOffset }) => ({ state, offset_s: expirationOffset?.seconds ?? 0 }));

const FieldMessage = z
  .object({
    name: ResourceName,
    indexConfig: z.object({ indexes: z.array(SingleMessage), reverting: z.boolean() }).nullish(),
    ttlConfig: TtlMessage.nullish(),
  })
  .transform(({ name, indexConfig, ttlConfig }): ObservedField => ({
    collection: name.collection,
    path: name.id,
    indexes: indexConfig?.indexes ?? [],
    reverting: indexConfig?.reverting ?? false,
    ttl: ttlConfig ?? null,
  }));

/** By gRPC status code. */
const FAILURES: Readonly<Record<number, AdminFailureCode>> = {
  4: 'unreachable',
  5: 'database_missing',
  7: 'permission_denied',
  8: 'busy',
  12: 'unimplemented',
  14: 'unreachable',
  16: 'unauthenticated',
};

const Failure = z.object({ code: z.unknown(), reason: z.string().nullish(), message: z.string() });

/** The work's answer, or its failure as an `AdminFailure`: `otherwise` when nothing in it says which. */
async function told<T>(work: Promise<T>, otherwise?: AdminFailureCode): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = failureCode(error) ?? otherwise;
    throw code === undefined ? error : new AdminFailure(code, oneLine(error), error);
  }
}

/** Undefined for what is neither the API's nor the network's: a mistake of ours, or of the credentials. */
function failureCode(error: unknown): AdminFailureCode | undefined {
  if (error instanceof z.ZodError) return 'unexpected';
  if (error instanceof Problem) return 'unreachable';
  const { data } = Failure.safeParse(error);
  if (typeof data?.code !== 'number') return undefined;
  if (data.reason === 'SERVICE_DISABLED') return 'api_disabled';
  if (data.message.includes(NO_TOKEN)) return NO_NETWORK.test(data.message) ? 'unreachable' : 'unauthenticated';
  return FAILURES[data.code] ?? 'unexpected';
}

/** What is looked through of a message: several times what is told of it. */
const MAX_TEXT = 1_000;

/** Without the status it begins with, and what clients append to it. */
function oneLine(error: unknown): string {
  const text = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
  const line = text
    .slice(0, MAX_TEXT)
    .replaceAll(/\s+/g, ' ')
    .replace(/^\d+ [A-Z_]+: /, '');
  return line
    .replace(/ Resolution note:.*$/, '')
    .replace(/[. ]+$/, '')
    .slice(0, 200);
}

function messageOf(error: unknown): string {
  if (error instanceof Problem) return messageOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
