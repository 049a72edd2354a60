import type { Config } from '../config.ts';
import { hasPath } from './match.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import type { Door } from './route.ts';

/** Pages of listed origins may call with the cookie; there is no wildcard, so no other page can. */
export function corsHeaders(config: Config, request: HttpRequest): Record<string, string> {
  if (config.allowed_origins.length === 0) return {};
  const vary = `Cookie, ${config.tenant_header}, Origin`;
  const origin = request.header('origin');
  if (origin === undefined || !config.allowed_origins.includes(origin)) return { vary };
  return {
    vary,
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'ETag, Age, Retry-After, X-Fresh-For, X-Read-Count, X-Request-Id, X-Write-Count',
  };
}

/** The answer to a preflight of a listed origin; null for everything else, which then meets the ordinary checks. */
export function preflight(config: Config, door: Door, request: HttpRequest, request_id: string): HttpResponse | null {
  if (request.method !== 'OPTIONS' || !hasPath(door, request.path)) return null;
  const headers = corsHeaders(config, request);
  if (headers['access-control-allow-origin'] === undefined) return null;
  return {
    status: 204,
    headers: {
      ...headers,
      'cache-control': 'private, no-store',
      'x-request-id': request_id,
      'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
      'access-control-allow-headers': `Authorization, Content-Type, If-None-Match, ${config.tenant_header}`,
      'access-control-max-age': '600',
    },
    body: null,
  };
}
