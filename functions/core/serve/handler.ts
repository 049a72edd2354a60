import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem } from '../errors.ts';
import { answer } from '../http/answer.ts';
import type { HttpResponse } from '../http/message.ts';
import { fromNode, toNode } from '../http/node-adapter.ts';
import { problemResponse } from '../http/problem.ts';
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
    if (page === undefined)
      toNode(await answer(suite, site.routes.find(request.path) ?? NOWHERE, request), out, message);
    else if (request.method === 'GET') sendPage(page, request.header('if-none-match'), out);
    else toNode(notForPages(suite), out, message);
  } catch (error) {
    const stack = stackOf(error);
    suite.logger.log('ERROR', 'internal', { stack });
    out.destroy();
  }
}

/** RFC 9112 section 3.2.2: a server takes `GET http://host/path` as well as `GET /path`. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  const rest = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function sendPage(page: Page, if_none_match: string | undefined, out: ServerResponse): void {
  if (if_none_match?.includes(page.etag) === true) {
    out.writeHead(304, page.headers).end();
    return;
  }
  out.writeHead(200, { ...page.headers, 'content-length': String(page.body.byteLength) }).end(page.body);
}

function notForPages(suite: Suite): HttpResponse {
  const problem = new Problem('method_not_allowed', 'Use GET.', { members: { allow: ['GET'] } });
  const response = problemResponse(problem, suite.ids.uuid());
  return { ...response, headers: { ...response.headers, allow: 'GET', 'cache-control': 'private, no-store' } };
}
