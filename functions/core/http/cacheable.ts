import type { Exchange } from './exchange.ts';
import { formatETag, hashBody, parseIfNoneMatch, stillFresh, type Validator } from './freshness.ts';
import { JsonText, type Reply } from './message.ts';

/** A 304 without asking the store, when the caller's answer is still within its freshness; else null. */
export function freshEnough(exchange: Exchange): Reply | null {
  const validator = stillFresh(parseIfNoneMatch(exchange.request.header('if-none-match')), exchange.now_ms);
  if (validator === undefined) return null;
  return { status: 304, headers: headersFor(exchange, validator) };
}

/** The answer with its validator and freshness; a 304 when the caller has this very body already. */
export function cacheable(exchange: Exchange, text: string, hashed = text): Reply {
  const { fresh_for_ms, cache_age_ms } = exchange.meter;
  const validator = {
    hash: hashBody(hashed),
    fresh_until_ms: fresh_for_ms > 0 ? exchange.now_ms + fresh_for_ms : null,
  };
  const headers = headersFor(exchange, validator);
  if (cache_age_ms !== null) headers['age'] = String(Math.floor(cache_age_ms / 1_000));
  const known = parseIfNoneMatch(exchange.request.header('if-none-match'));
  if (known.some(({ hash }) => hash === validator.hash)) return { status: 304, headers };
  return { status: 200, headers, body: new JsonText(text) };
}

function headersFor(exchange: Exchange, validator: Validator): Record<string, string> {
  const fresh_for_ms = Math.max(0, (validator.fresh_until_ms ?? 0) - exchange.now_ms);
  return { etag: formatETag(validator), 'x-fresh-for': String(Math.ceil(fresh_for_ms / 1_000)) };
}
