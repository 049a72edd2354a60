import { withUntold } from '../audit/refusals.ts';
import { Problem, storeUnavailable, TenantLeak } from '../errors.ts';
import type { Answered } from '../cutover/watch.ts';
import { SYSTEM_TENANT, TenantId } from '../model/names.ts';
import { arrivalOf } from './arrival.ts';
import type { Suite } from '../suite.ts';
import type { UsageOwner } from '../usage/waiting.ts';
import { commonHeaders } from './common-headers.ts';
import { corsHeaders, preflight } from './cors.ts';
import { Exchange } from './exchange.ts';
import { networkOf } from './client-address.ts';
import { matchRoute, type Match } from './match.ts';
import { bytesOf, JsonText, type HttpRequest, type HttpResponse, type Reply } from './message.ts';
import { problemResponse } from './problem.ts';
import { actionOf, logFailure, logRequest } from './request-log.ts';
import type { Door } from './route.ts';

/**
 * One request from first byte to last: wait for its turn, match, run the route's own checks in the contract's order, and turn
 * whatever happens into an answer. Nothing that is thrown gets past here, and nothing unexpected is told outside.
 */
export async function answer(suite: Suite, door: Door, request: HttpRequest): Promise<HttpResponse> {
  const started_ms = performance.now();
  const turn = suite.entrance.enter(arrivalOf(suite, request));
  const overload = turn === null ? null : await turn;
  const { match, failure } = overload === null ? find(door, request) : { match: undefined, failure: overload };
  const exchange = new Exchange(suite, request, { function_name: door.name, params: match?.params ?? {} });
  const response = await answerTo(exchange, door, match, failure, started_ms);
  const { tenant_id } = exchange.proven;
  if (tenant_id !== undefined) suite.entrance.know(tenant_id);
  return response;
}

async function answerTo(
  exchange: Exchange,
  door: Door,
  match: Match | undefined,
  failure: unknown,
  started_ms: number,
): Promise<HttpResponse> {
  const { suite, request } = exchange;
  suite.usage.writeIfDue();
  const allowed = preflight(suite.config, door, request, exchange.request_id);
  const response = allowed ?? (await respond(exchange, match, failure));
  exchange.meter.allowance?.settle();
  const latency_ms = performance.now() - started_ms;
  suite.usage.charge(exchange.meter, ownerOf(exchange));
  if (allowed === null) count(suite, answered(exchange, match, latency_ms));
  const { status } = response;
  const action = match === undefined ? (allowed === null ? 'no_route' : 'preflight') : actionOf(match.route);
  logRequest(exchange, { path: match?.route.path, action, status, response_bytes: bytesOf(response), latency_ms });
  return response;
}

function find(door: Door, { method, path }: HttpRequest): { match: Match | undefined; failure: unknown } {
  try {
    return { match: matchRoute(door, method, path), failure: undefined };
  } catch (failure) {
    return { match: undefined, failure };
  }
}

/** What a device is told that cannot know whether its points were stored. */
const SENT_TWICE = ' Sending the same points again is safe.';

async function respond(exchange: Exchange, match: Match | undefined, failure: unknown): Promise<HttpResponse> {
  try {
    if (match === undefined) throw failure;
    const reply = await match.route.handle(exchange);
    exchange.last_hundred = reply.last_hundred === true && reply.status === 200;
    return withCommonHeaders(exchange, toResponse(reply));
  } catch (error) {
    const problem = await tellRefusal(exchange, toProblem(exchange, error));
    const safe = match?.route.permission === 'telemetry.write' && problem.code === 'store_unavailable';
    exchange.failure = problem.code;
    exchange.leaked = error instanceof TenantLeak;
    const response = problemResponse(problem, exchange.request_id, safe ? SENT_TWICE : '');
    const allow = problem.members['allow'];
    const headers = Array.isArray(allow) ? { ...response.headers, allow: allow.join(', ') } : response.headers;
    return withCommonHeaders(exchange, { ...response, headers });
  }
}

function count({ watch, service }: Suite, answer: Answered): void {
  watch.answered(answer);
  service.answered(answer);
}

/** What the guard and the service levels are to know of it. */
function answered(
  { proven, meter, failure, leaked, last_hundred }: Exchange,
  match: Match | undefined,
  latency_ms: number,
): Answered {
  const { reads, touched } = meter;
  const { permission } = match?.route ?? {};
  const { session_id } = proven;
  return { permission, session_id, reads, touched, latency_ms, failure, leaked, last_hundred };
}

/** The platform bears what no tenant is proven to have asked for. */
function ownerOf({ proven, function_name, device_id }: Exchange): UsageOwner {
  const { tenant_id = SYSTEM_TENANT } = proven;
  return { tenant_id, function: function_name, device_id: device_id ?? proven.device_id ?? null };
}

function toResponse(reply: Reply): HttpResponse {
  if (reply.body === undefined) return { status: reply.status, headers: reply.headers ?? {}, body: null };
  const body = reply.body instanceof JsonText ? reply.body.text : JSON.stringify(reply.body);
  return { status: reply.status, headers: { 'content-type': 'application/json', ...reply.headers }, body };
}

function withCommonHeaders(exchange: Exchange, response: HttpResponse): HttpResponse {
  const { config } = exchange.suite;
  const { meter } = exchange;
  const counts = meter.touched
    ? { 'x-read-count': String(meter.reads), 'x-write-count': String(meter.writes + meter.deletes) }
    : {};
  return {
    ...response,
    headers: {
      ...commonHeaders(exchange.request_id, config.tenant_header),
      ...counts,
      ...response.headers,
      ...corsHeaders(config, exchange.request),
    },
  };
}

function toProblem(exchange: Exchange, error: unknown): Problem {
  if (error instanceof Problem) {
    if (error.cause !== undefined) logFailure(exchange, error.code, error.cause);
    return error;
  }
  logFailure(exchange, 'internal', error);
  return new Problem('internal', 'Try again; if it stays, report the request id.', { cause: error });
}

/**
 * Every 401 and 403 leaves an audit event: in the log of the tenant that the sender has proven to belong to, else in the
 * platform's own. A log that cannot be written turns the refusal into a 503; it never turns it into an answer.
 */
async function tellRefusal(exchange: Exchange, problem: Problem): Promise<Problem> {
  if ((problem.status !== 401 && problem.status !== 403) || exchange.refusal_told) return problem;
  const { proven, suite } = exchange;
  const tenant_id = proven.tenant_id ?? SYSTEM_TENANT;
  const untold = suite.refusals.admit(originOf(exchange, problem));
  if (untold === null) return problem;
  const { method } = exchange.request;
  const claimed = problem.claimed === undefined ? '' : ` ${nameOrNothing(problem.claimed)}`;
  const target = `${method} ${exchange.function_name}${claimed}`;
  try {
    const stores = await exchange.stores();
    const detail = withUntold(problem.code, untold);
    const event = exchange.event(tenant_id, 'access.refused', 'refused', { target, detail });
    await stores.forTenant(tenant_id).audit.append(event);
    return problem;
  } catch (error) {
    logFailure(exchange, 'store_unavailable', error);
    return storeUnavailable(error);
  }
}

/** One member of a tenant must not use up the room for another's refusals, nor one kind of refusal that of another. */
function originOf({ proven, address }: Exchange, { code }: Problem): string {
  if (proven.tenant_id === undefined) return `network ${networkOf(address)}`;
  return `tenant ${proven.tenant_id} ${proven.user_id ?? ''} ${proven.device_id ?? ''} ${code}`;
}

/** A claimed id goes into the log only when it could be one: a log is no place for whatever a stranger sends. */
function nameOrNothing(claimed: string): string {
  return TenantId.safeParse(claimed).success ? claimed : 'something that is no id';
}
