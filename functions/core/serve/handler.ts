import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem } from '../errors.ts';
import { answer } from '../http/answer.ts';
import { arrivalOf } from '../http/arrival.ts';
import { Exchange } from '../http/exchange.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { fromNode, toNode } from '../http/node-adapter.ts';
import { problemResponse } from '../http/problem.ts';
import { logRequest } from '../http/request-log.ts';
import type { Door } from '../http/route.ts';
import { stackOf } from '../observability/log.ts';
import type { Suite } from '../suite.ts';
import type { Page } from './pages.ts';
import type { RouteTable } from './routes.ts';

export interface Site {
  readonly routes: RouteTable;
  readonly pages: ReadonlyMap<string, Page>;
}

/** Answers what no function and no page has: 404 by the same way as everything else. */
const NOWHERE: Door = { name: 'none', routes: [] };

/** One request: a function's, the page's, or nobody's. Never rejects. */
export async function handle(suite: Suite, site: Site, message: IncomingMessage, out: ServerResponse): Promise<void> {
  message.url = originForm(message.url ?? '/');
  const request = fromNode(message);
  try {
    const page = site.pages.get(request.path);
    if (page === undefined) {
      toNode(await answer(suite, site.routes.find(request.path) ?? NOWHERE, request), out, message);
    } else {
      const overload = await suite.entrance.enter(arrivalOf(suite, request));
      if (overload === null) servePage(suite, page, request, out, message);
      else toNode(problemResponse(overload, suite.ids.uuid()), out, message);
    }
  } catch (error) {
    suite.logger.log('ERROR', 'internal', { code: 'internal', stack: stackOf(error, [message.url ?? '']) });
    out.destroy();
  }
}

/** RFC 9112 section 3.2.2: a server takes `GET http://host/path` as well as `GET /path`. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  const rest = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** A file of the page; its path is one of ours, so the log may have it. */
function servePage(
  suite: Suite,
  page: Page,
  request: HttpRequest,
  out: ServerResponse,
  message: IncomingMessage,
): void {
  const started_ms = performance.now();
  const exchange = new Exchange(suite, request, { function_name: 'page', params: {} });
  if (request.method !== 'GET') exchange.failure = 'method_not_allowed';
  const sent = request.method === 'GET' ? sendPage(page, request, out) : refusePage(exchange.request_id, out, message);
  const latency_ms = performance.now() - started_ms;
  logRequest(exchange, { path: request.path, action: 'page.get', ...sent, latency_ms });
}

interface Sent {
  readonly status: number;
  readonly response_bytes: number;
}

function sendPage(page: Page, request: HttpRequest, out: ServerResponse): Sent {
  if (request.header('if-none-match')?.includes(page.etag) === true) {
    out.writeHead(304, page.headers).end();
    return { status: 304, response_bytes: 0 };
  }
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(request.header('accept-encoding') ?? '');
  const body = takesGzip ? (page.gzipped ?? page.body) : page.body;
  const coding = body === page.body ? {} : { 'content-encoding': 'gzip' };
  out.writeHead(200, { ...page.headers, ...coding, 'content-length': String(body.byteLength) }).end(body);
  return { status: 200, response_bytes: body.byteLength };
}

function refusePage(request_id: string, out: ServerResponse, message: IncomingMessage): Sent {
  const response = notForPages(request_id);
  toNode(response, out, message);
  return { status: response.status, response_bytes: response.body?.length ?? 0 };
}

function notForPages(request_id: string): HttpResponse {
  const problem = new Problem('method_not_allowed', 'Use GET.', { members: { allow: ['GET'] } });
  const response = problemResponse(problem, request_id);
  return { ...response, headers: { ...response.headers, allow: 'GET', 'cache-control': 'private, no-store' } };
}
