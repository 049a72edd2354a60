/** A request that a route's description allows, in parts that can be spoilt one by one. */
import type { Operation, Schema } from './description.ts';
import type { Random } from './random.ts';
import type { FuzzRequest, Header } from './request.ts';
import { validValue, type Known } from './values.ts';

export type QueryPair = readonly [name: string, value: string];

export interface Draft {
  readonly operation: Operation;
  /** By name, not encoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Not encoded. */
  readonly query: readonly QueryPair[];
  readonly body: unknown;
}

/** Makes a draft into a request with something wrong in it; null where it has nothing to spoil. */
export type Spoil = (random: Random, draft: Draft) => FuzzRequest | null;

export const JSON_TYPE: Header = ['Content-Type', 'application/json'];
/** Routes whose every good call takes a quarter of a second of hashing: a flood would measure nothing but that. */
const HASHING = new Set(['POST /v1/users', 'POST /v1/account/password', 'POST /v1/login']);

export function draft(random: Random, operation: Operation, known: Known): Draft {
  const { parameters, body } = operation;
  const valueOf = (name: string, schema: Schema): string => {
    const key = name === 'metrics' ? 'metrics_list' : name;
    return String(validValue(random, schema, key, known));
  };
  const asked = parameters.filter(({ in: place, required, name }) => {
    return place === 'query' && name !== 'cursor' && (required || random.chance(0.3));
  });
  const params = parameters.filter(({ in: place }) => place === 'path');
  const exposed = (name: string): string => (name === 'device_id' ? 'victim_device_id' : name);
  return {
    operation,
    params: Object.fromEntries(params.map(({ name, schema }) => [name, valueOf(exposed(name), schema)])),
    query: asked.map(({ name, schema }) => [name, valueOf(name, schema)]),
    body: body === null ? undefined : validBody(random, operation, body, known),
  };
}

/** A new device has an id of its own; a hash is made now and then only. */
function validBody(random: Random, { route }: Operation, schema: Schema, known: Known): unknown {
  const made = validValue(random, schema, '', known);
  if (typeof made !== 'object' || made === null) return made;
  if (route === 'POST /v1/devices') return { ...made, device_id: `made-${random.text(8)}` };
  if (HASHING.has(route) && random.chance(0.95)) return { ...made, unknown: true };
  return made;
}

/** How a draft is sent when nothing else is done to it. */
export function requestOf(draft: Draft, kind: string, change: Partial<FuzzRequest> = {}): FuzzRequest {
  const { operation, params, query, body } = draft;
  const { route, method, actor } = operation;
  const path = operation.path.replace(/\{([a-z_]+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
  return {
    route,
    kind,
    actor,
    method,
    target: `${path}${queryText(query)}`,
    headers: body === undefined ? [] : [JSON_TYPE],
    body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
    ...change,
  };
}

export function queryText(query: readonly QueryPair[]): string {
  if (query.length === 0) return '';
  return `?${query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
}
