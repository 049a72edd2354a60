import type { Visit } from './exchange.ts';
import { formatETag, hashBody, parseIfNoneMatch, stillFresh, type Validator } from './freshness.ts';
import { JsonText, type Reply } from './message.ts';

/** A 304 without asking the store, when the caller's answer is still within its freshness; else null. */
export function freshEnough(visit: Visit): Reply | null {
  const given = parseIfNoneMatch(visit.header('if-none-match'));
  if (given.length === 0) return null;
  const validator = stillFresh(given, visit.question, visit.now_ms);
  if (validator === undefined) return null;
  return { status: 304, headers: headersFor(visit, validator) };
}

/** The answer with its validator and freshness; a 304 when the caller has this very body already. */
export function cacheable(visit: Visit, text: string, hashed = text): Reply {
  const { fresh_for_ms, cache_age_ms } = visit.meter;
  const validator = {
    hash: hashBody(hashed),
    limit: fresh_for_ms > 0 ? { until_ms: visit.now_ms + fresh_for_ms, question: visit.question } : null,
  };
  const headers = headersFor(visit, validator);
  if (cache_age_ms !== null) headers['age'] = String(Math.floor(cache_age_ms / 1_000));
  const known = parseIfNoneMatch(visit.header('if-none-match'));
  if (known.some(({ hash }) => hash === validator.hash)) return { status: 304, headers };
  return { status: 200, headers, body: new JsonText(text) };
}

function headersFor(visit: Visit, validator: Validator): Record<string, string> {
  const fresh_for_ms = Math.max(0, (validator.limit?.until_ms ?? 0) - visit.now_ms);
  return { etag: formatETag(validator), 'x-fresh-for': String(Math.ceil(fresh_for_ms / 1_000)) };
}
