import * as z from 'zod';
import { Problem, type ProblemCode } from '../errors.ts';
import type { Permission } from '../model/role.ts';
import { signInAccess, type SignInAccess } from '../sessions/sign-in.ts';
import {
  deviceForbidden,
  requirePermission,
  requireTenantHeader,
  tenantAccess,
  type SessionAccess,
  type WriterAccess,
} from '../tenancy/access.ts';
import { authenticateDevice, hasBearer } from '../tenancy/device-key.ts';
import { operatorAccess, type OperatorAccess } from '../tenancy/operator.ts';
import { authenticateSession } from '../tenancy/session.ts';
import type { Exchange, Visit } from './exchange.ts';
import { JsonRefused, parseStrictJson } from './strict-json.ts';
import type { Reply } from './message.ts';
import { parseInput, parseQuery } from './query.ts';

export const MAX_BODY_BYTES = 1_048_576;

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a route is for outsiders: enough to serve it and to describe it in OpenAPI, from the same schemas. */
export interface RouteShape<Q, B> {
  readonly method: Method;
  /** With `{names}` for parameters, `/v1` included. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  readonly answer: { readonly status: number; readonly description: string; readonly schema?: () => z.ZodType };
  /** Answered however much its user has read: it ends what another may be doing in their name. */
  readonly always?: boolean;
  /** Failures of its own, beside those that every route of its capability may answer. */
  readonly problems?: readonly ProblemCode[];
}

export interface Input<Q, B> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
}

/** The credential a route asks for; decides what its handler is handed. */
export type Capability = 'nobody' | 'signIn' | 'session' | 'writer' | 'operator';

export interface Route extends RouteShape<unknown, unknown> {
  readonly capability: Capability;
  readonly permission?: Permission;
  handle(exchange: Exchange): Promise<Reply>;
}

/** One Cloud Function: a name and the routes it answers. */
export interface Door {
  readonly name: string;
  readonly routes: readonly Route[];
}

type Run<A, Q, B> = (access: A, input: Input<Q, B>, visit: Visit) => Promise<Reply>;

/** A route for everybody; it is handed no store. */
export function openRoute<Q, B>(
  shape: RouteShape<Q, B>,
  run: (input: Input<Q, B>, visit: Visit) => Promise<Reply>,
): Route {
  return {
    ...shape,
    capability: 'nobody',
    handle: async (exchange) => run(await readInput(shape, exchange), exchange),
  };
}

/** Sign-in: the tenant is what the header says and not proven yet, so the handler can sign in there and nothing else. */
export function signInRoute<Q, B>(shape: RouteShape<Q, B>, run: Run<SignInAccess, Q, B>): Route {
  return {
    ...shape,
    capability: 'signIn',
    handle: async (exchange) => {
      const tenant_id = requireTenantHeader(exchange);
      return run(signInAccess(exchange, tenant_id), await readInput(shape, exchange), exchange);
    },
  };
}

/** A route for people: a live session of the tenant in the header, with a role that has `permission`. */
export function sessionRoute<Q, B>(
  permission: Permission,
  shape: RouteShape<Q, B>,
  run: Run<SessionAccess, Q, B>,
): Route {
  return {
    ...shape,
    problems: shape.always === true ? (shape.problems ?? []) : [...(shape.problems ?? []), 'read_budget'],
    capability: 'session',
    permission,
    handle: async (exchange) => {
      requireTenantHeader(exchange);
      const access = await authenticateSession(exchange);
      requirePermission(access.session, permission);
      const input = await readInput(shape, exchange);
      if (shape.always !== true && permission !== 'telemetry.read') exchange.meter.allowance?.askOther();
      return run(access, input, exchange);
    },
  };
}

/** A route that stores telemetry: a device with its key, or a person whose role writes. */
export function writerRoute<Q, B>(shape: RouteShape<Q, B>, run: Run<WriterAccess, Q, B>): Route {
  return {
    ...shape,
    capability: 'writer',
    permission: 'telemetry.write',
    handle: async (exchange) => {
      requireTenantHeader(exchange);
      // A caller with neither credential is told of the device key: that is what this route is for.
      const access =
        hasBearer(exchange) || exchange.header('cookie') === undefined
          ? await authenticateDevice(exchange)
          : await personWriting(exchange);
      return run(access, await readInput(shape, exchange), exchange);
    },
  };
}

/**
 * A route for the platform's administrators: it is handed the cutover in their name, and no store. The cutover's code is
 * loaded by the first who may use it.
 */
export function operatorRoute<Q, B>(shape: RouteShape<Q, B>, run: Run<OperatorAccess, Q, B>): Route {
  return {
    ...shape,
    capability: 'operator',
    permission: 'cutover.run',
    handle: async (exchange) => {
      requireTenantHeader(exchange);
      const access = await authenticateSession(exchange);
      requirePermission(access.session, 'cutover.run');
      const input = await readInput(shape, exchange);
      return run(await operatorAccess(exchange, access), input, exchange);
    },
  };
}

async function personWriting(exchange: Exchange): Promise<WriterAccess> {
  const { session, stores } = await authenticateSession(exchange);
  requirePermission(session, 'telemetry.write');
  const { device: owned } = tenantAccess(stores, exchange);
  return {
    stores,
    async writable(device_id) {
      const device = await owned(device_id);
      if (device.disabled) throw deviceForbidden(device_id);
      return device;
    },
  };
}

async function readInput<Q, B>(shape: RouteShape<Q, B>, exchange: Exchange): Promise<Input<Q, B>> {
  const body = await readBody(shape.body, exchange);
  const query = parseQuery(exchange.request.query, shape.query ?? Nothing);
  exchange.input = { body, query };
  return { params: exchange.params, query, body };
}

/** For routes without a query, where a parameter is refused, or without a body, where one is not looked at. */
const Nothing = z.custom<never>(
  (value) => typeof value === 'object' && value !== null && Object.keys(value).length === 0,
  { message: 'this route takes no parameters' },
);

async function readBody<B>(schema: z.ZodType<B> | undefined, exchange: Exchange): Promise<B> {
  const { request } = exchange;
  if (schema === undefined) return parseInput({}, Nothing, 'body');
  requireJson(request.header('content-type'), request.header('content-encoding'));
  const bytes = await request.body(MAX_BODY_BYTES);
  if (bytes === null)
    throw new Problem('body_too_large', `Send at most ${String(MAX_BODY_BYTES)} bytes; split the points.`);
  try {
    return parseInput(parseStrictJson(bytes), schema, 'body');
  } catch (error) {
    if (error instanceof JsonRefused) throw new Problem('malformed_request', error.message);
    throw error;
  }
}

function requireJson(type: string | undefined, encoding: string | undefined): void {
  const media = type?.split(';', 1)[0]?.trim().toLowerCase();
  if (media !== 'application/json') {
    throw new Problem('unsupported_media_type', 'Send Content-Type: application/json.');
  }
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported_media_type', 'Send the body uncompressed.');
  }
}
