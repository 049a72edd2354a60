import * as z from 'zod';
import type { Config } from '../config.ts';
import { PROBLEMS, type ProblemCode } from '../errors.ts';
import type { Capability, Door, Route } from './route.ts';

type JsonSchema = Record<string, unknown>;

const ANY = ['malformed_request', 'method_not_allowed', 'internal', 'overloaded'] as const;
const UNPROVEN = [...ANY, 'tenant_mismatch', 'store_unavailable'] as const;
const PROVEN = [...UNPROVEN, 'unauthenticated', 'role_required'] as const;

/** What every route of a capability may answer beside its own problems, by the contract's order of checks. */
const COMMON: Record<Capability, readonly ProblemCode[]> = {
  nobody: ANY,
  signIn: UNPROVEN,
  session: PROVEN,
  writer: PROVEN,
  operator: PROVEN,
};

const SECURITY: Record<Capability, readonly Record<string, readonly string[]>[]> = {
  nobody: [],
  signIn: [],
  session: [{ session: [] }],
  writer: [{ deviceKey: [] }, { session: [] }],
  operator: [{ session: [] }],
};

/** The OpenAPI 3.1 description of `doors`, made from the very schemas that validate their requests. */
export function openApiDocument(doors: readonly Door[], config: Pick<Config, 'tenant_header'>) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const door of doors) {
    for (const route of door.routes) {
      const methods = (paths[route.path] ??= {});
      methods[route.method.toLowerCase()] = operation(door, route, config);
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Building telemetry', version: '1.0.0' },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__session' },
        deviceKey: { type: 'http', scheme: 'bearer', bearerFormat: 'bas_<key id>_<secret>' },
      },
      schemas: { Problem: problemSchema() },
    },
  };
}

function operation(door: Door, route: Route, config: Pick<Config, 'tenant_header'>) {
  const { status, description, schema } = route.answer;
  const content =
    schema === undefined ? {} : { content: { 'application/json': { schema: jsonSchema(schema(), 'output') } } };
  const body = route.body === undefined ? {} : { requestBody: requestBody(route.body) };
  const id = `${route.method.toLowerCase()} ${route.path}`.replace(/[^A-Za-z]+/g, '_').replace(/_$/, '');
  return {
    operationId: `${door.name}_${id}`,
    tags: [door.name],
    summary: route.summary,
    security: SECURITY[route.capability],
    parameters: [...tenantParameter(route, config), ...pathParameters(route.path), ...queryParameters(route.query)],
    ...body,
    responses: { [status]: { description, ...content }, ...problemResponses(route) },
  };
}

function requestBody(schema: z.ZodType) {
  return { required: true, content: { 'application/json': { schema: jsonSchema(schema, 'input') } } };
}

function tenantParameter(route: Route, config: Pick<Config, 'tenant_header'>) {
  if (route.capability === 'nobody') return [];
  return [{ name: config.tenant_header, in: 'header', required: true, schema: { type: 'string' } }];
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

const ObjectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});

function queryParameters(schema: z.ZodType | undefined) {
  if (schema === undefined) return [];
  const { properties, required } = ObjectSchema.parse(jsonSchema(schema, 'input'));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: property,
  }));
}

function problemResponses(route: Route) {
  const own = route.body === undefined ? [] : (['body_too_large', 'unsupported_media_type'] as const);
  const codes = new Set<ProblemCode>([...COMMON[route.capability], ...own, ...(route.problems ?? [])]);
  const by_status = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    by_status.set(status, [...(by_status.get(status) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries([...by_status].map(([status, of]) => [status, { description: of.join(', '), content }]));
}

function problemSchema(): JsonSchema {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { enum: Object.keys(PROBLEMS) },
      detail: { type: 'string' },
      request_id: { type: 'string' },
    },
  };
}

/** A schema may say in its metadata, under `query`, what it is for readers: a query holds text, whatever it stands for. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: node }) => {
      const shown = node['query'];
      if (typeof shown !== 'object' || shown === null) return;
      for (const key of Object.keys(node)) Reflect.deleteProperty(node, key);
      Object.assign(node, shown);
    },
  });
  Reflect.deleteProperty(made, '$schema');
  return made;
}
