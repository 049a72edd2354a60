/** What the log is told of a request: one line when it is answered, and the failures on the way. */
import { PROBLEMS, type ProblemCode } from '../errors.ts';
import { stackOf, type Severity } from '../observability/log.ts';
import { maskedUsername } from '../observability/mask.ts';
import { outcomeOf, tenths } from '../observability/outcome.ts';
import type { Exchange } from './exchange.ts';
import type { Route } from './route.ts';
import { sentWith } from './sent.ts';

/** Refusals that somebody may want to see in number: wrong credentials, what is forbidden, budgets that are used up. */
const NOTABLE: ReadonlySet<number> = new Set([401, 403, 429]);
const MAX_METHOD = 16;

/** How a request was answered, as far as its line tells. */
export interface AnsweredRequest {
  /** The route's template, or the name of a file of ours: never what was sent. */
  readonly path: string | undefined;
  /** What was asked for, as a word that stays the same from release to release. */
  readonly action: string;
  readonly status: number;
  readonly response_bytes: number;
  readonly latency_ms: number;
}

/** Writes the request's one line. */
export function logRequest(exchange: Exchange, { path, action, status, ...answer }: AnsweredRequest): void {
  const { meter, failure, proven, last_hundred } = exchange;
  const method = exchange.request.method.slice(0, MAX_METHOD);
  const { response_bytes } = answer;
  const latency_ms = tenths(answer.latency_ms);
  const http = { method, path, status, response_bytes, latency_ms, protocol: exchange.request.protocol };
  const { reads, writes, deletes } = meter;
  const fields = {
    action,
    outcome: outcomeOf(status),
    code: failure,
    device_id: exchange.device_id ?? proven.device_id,
    user: proven.username === undefined ? undefined : maskedUsername(proven.username),
    reads,
    writes,
    deletes: deletes === 0 ? undefined : deletes,
    latency_ms,
    last_100: last_hundred ? true : undefined,
  };
  const { cache_age_ms, fresh_for_ms, touched } = meter;
  exchange.log('DEBUG', 'what the answer rests on', { action, touched, cache_age_ms, fresh_for_ms });
  exchange.log(severityOf(status), `${method} ${path ?? action} ${String(status)}`, fields, http);
}

/** Writes why a request fails; what came with it is cut from what others say of it. */
export function logFailure(exchange: Exchange, code: ProblemCode, error: unknown): void {
  const severity = PROBLEMS[code].status >= 500 ? 'ERROR' : 'NOTICE';
  exchange.log(severity, code, { code, stack: stackOf(error, sentWith(exchange)) });
}

function severityOf(status: number): Severity {
  if (status >= 500) return 'ERROR';
  return NOTABLE.has(status) ? 'NOTICE' : 'INFO';
}

const actions = new WeakMap<Route, string>();

/** A route by one word: `POST /v1/devices/{device_id}/keys` is `devices.device_id.keys.post`. */
export function actionOf(route: Route): string {
  const known = actions.get(route);
  if (known !== undefined) return known;
  const words = route.path.replace(/^\/v1\//, '').replace(/[{}]|\.json$/g, '');
  const action = `${words.replaceAll('/', '.')}.${route.method.toLowerCase()}`;
  actions.set(route, action);
  return action;
}
