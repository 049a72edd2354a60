/**
 * Every query the stores issue, as data: the gateway takes nothing else, and a test holds each shape against
 * `firestore.indexes.json`, because the emulator answers queries that production would refuse.
 */
import { FieldPath, type Firestore, type Query } from '@google-cloud/firestore';
import { documentId, type Collection } from './paths.ts';

export type Direction = 'asc' | 'desc';

export interface QueryShape {
  readonly collection: Collection;
  /** Fields compared with `==`, in the order their values are given. */
  readonly equal: readonly string[];
  /** Field with a lower or an upper bound. */
  readonly range?: string;
  /** `__name__` is the document id. */
  readonly order: readonly (readonly [field: string, direction: Direction])[];
}

const newestFirst = [
  ['timestamp_ms', 'desc'],
  ['__name__', 'desc'],
] as const;
const oldestFirst = [
  ['timestamp_ms', 'asc'],
  ['__name__', 'asc'],
] as const;
const byId = [['__name__', 'asc']] as const;

export const QUERY_SHAPES = {
  buckets: {
    collection: 'telemetry',
    equal: ['tenant_id', 'device_id'],
    range: 'timestamp_ms',
    order: [['timestamp_ms', 'desc']],
  },
  everyBucket: {
    collection: 'telemetry',
    equal: [],
    order: [
      ['tenant_id', 'asc'],
      ['device_id', 'asc'],
      ['timestamp_ms', 'desc'],
    ],
  },
  devices: { collection: 'devices', equal: ['tenant_id'], order: byId },
  usage: { collection: 'usage', equal: ['tenant_id'], order: byId },
  users: { collection: 'users', equal: ['tenant_id'], order: byId },
  enabledUsersOfRole: { collection: 'users', equal: ['tenant_id', 'role', 'disabled'], order: [] },
  tenants: { collection: 'tenants', equal: [], order: byId },
  sessionsOfTenant: { collection: 'sessions', equal: ['tenant_id'], order: [] },
  sessionsOfUser: { collection: 'sessions', equal: ['tenant_id', 'user_id'], order: [] },
  sessionOfUser: { collection: 'sessions', equal: ['tenant_id', 'user_id', 'session_id'], order: [] },
  sessionsPastEnd: { collection: 'sessions', equal: [], range: 'expires_at', order: [['expires_at', 'asc']] },
  sessionsIdle: { collection: 'sessions', equal: [], range: 'last_seen_ms', order: [['last_seen_ms', 'asc']] },
  throttlePast: { collection: 'throttle', equal: [], range: 'expire_at', order: [['expire_at', 'asc']] },
  audit: { collection: 'audit_log', equal: ['tenant_id'], range: 'timestamp_ms', order: newestFirst },
  auditOldestFirst: { collection: 'audit_log', equal: ['tenant_id'], range: 'timestamp_ms', order: oldestFirst },
  auditOfUser: { collection: 'audit_log', equal: ['tenant_id', 'user_id'], range: 'timestamp_ms', order: newestFirst },
  auditOfAction: { collection: 'audit_log', equal: ['tenant_id', 'action'], range: 'timestamp_ms', order: newestFirst },
  auditOfUserAndAction: {
    collection: 'audit_log',
    equal: ['tenant_id', 'user_id', 'action'],
    range: 'timestamp_ms',
    order: newestFirst,
  },
} as const satisfies Record<string, QueryShape>;

export type ShapeName = keyof typeof QUERY_SHAPES;

export interface QueryRequest {
  readonly shape: ShapeName;
  /** One value for each field of the shape's `equal`. */
  readonly equal: readonly (string | boolean)[];
  /** Inclusive lower bound of the range field. */
  readonly from?: unknown;
  /** Exclusive upper bound of the range field. */
  readonly below?: unknown;
  /** The last row of the page before: one value for each field of the shape's `order`. */
  readonly after?: readonly unknown[] | undefined;
  /** The fields to answer; all when left out. */
  readonly only?: readonly string[];
  readonly limit: number;
}

export function buildQuery(firestore: Firestore, request: QueryRequest): Query {
  const shape: QueryShape = QUERY_SHAPES[request.shape];
  let query: Query = firestore.collection(shape.collection);
  if (shape.equal.length !== request.equal.length) throw new TypeError(`${request.shape}: a value is missing`);
  shape.equal.forEach((field, at) => {
    query = query.where(field, '==', request.equal[at]);
  });
  if (shape.range !== undefined) {
    if (request.from !== undefined) query = query.where(shape.range, '>=', request.from);
    if (request.below !== undefined) query = query.where(shape.range, '<', request.below);
  }
  for (const [field, direction] of shape.order) {
    query = query.orderBy(field === '__name__' ? FieldPath.documentId() : field, direction);
  }
  if (request.after !== undefined) query = query.startAfter(...request.after);
  if (request.only !== undefined) query = query.select(...request.only);
  return query.limit(request.limit);
}

/** The place after which a list ordered by document id goes on. */
export function afterId(...parts: readonly [string, ...string[]]): readonly unknown[] {
  return [documentId(...parts)];
}

/** Whose documents `request` asks for; undefined when it is not scoped by tenant, as sweeps are not. */
export function tenantAsked({ shape, equal }: QueryRequest): string | undefined {
  const fields: readonly string[] = QUERY_SHAPES[shape].equal;
  const value = equal[fields.indexOf('tenant_id')];
  return typeof value === 'string' ? value : undefined;
}
