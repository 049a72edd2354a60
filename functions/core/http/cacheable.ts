import type { Visit } from './exchange.ts';
import { formatETag, hashBody, heldAnswer, parseIfNoneMatch, type Validator } from './freshness.ts';
import { JsonText, type Reply } from './message.ts';

/** As much of a visit as an answer's freshness depends on. */
type Question = Pick<Visit, 'meter' | 'now_ms' | 'question' | 'header'>;

/**
 * A 304 without asking the store, when the caller's answer is still within its freshness, or must do a while longer because
 * the read budget is used up; else null. `device_ids` is what the question is about; null means all devices.
 */
export function freshEnough(visit: Question, device_ids: readonly string[] | null): Reply | null {
  const { meter, now_ms, question } = visit;
  const held = heldAnswer(parseIfNoneMatch(visit.header('if-none-match')), question, now_ms);
  const held_ms = held?.limit.until_ms ?? null;
  meter.allowance?.ask({ question, device_ids, held_ms });
  if (held !== undefined && held.limit.until_ms > now_ms) return notModified(visit, held);
  const wait_ms = meter.allowance?.admit() ?? 0;
  if (held === undefined || wait_ms === 0) return null;
  const until_ms = now_ms + wait_ms;
  meter.allowance?.answered(device_ids, until_ms);
  return notModified(visit, { hash: held.hash, limit: { until_ms, question } });
}

/** A question of a dashboard that is not asked again and again and may cost `reads`: within its budget as the others are. */
export function askWithin({ meter, question }: Question, reads: number): void {
  meter.allowance?.ask({ question, device_ids: [], held_ms: null });
  meter.allowance?.admit(reads);
}

/**
 * The answer with its validator and freshness; a 304 when the caller has this very body already. `device_ids` are the
 * devices that it is about.
 */
export function cacheable(visit: Question, device_ids: readonly string[], text: string, hashed = text): Reply {
  const { meter, now_ms, question } = visit;
  const fresh_for_ms = freshFor_ms(visit, device_ids);
  const until_ms = fresh_for_ms > 0 ? Math.ceil(now_ms + fresh_for_ms) : null;
  meter.allowance?.answered(device_ids, until_ms);
  const validator = { hash: hashBody(hashed), limit: until_ms === null ? null : { until_ms, question } };
  const headers = headersFor(visit, validator);
  if (meter.cache_age_ms !== null) headers['age'] = String(Math.floor(meter.cache_age_ms / 1_000));
  const known = parseIfNoneMatch(visit.header('if-none-match'));
  if (known.some(({ hash }) => hash === validator.hash)) return { status: 304, headers };
  return { status: 200, headers, body: new JsonText(text) };
}

/** What an answer cost is spread over the time until it is asked for again. */
function freshFor_ms({ meter }: Question, device_ids: readonly string[]): number {
  const { fresh_for_ms, allowance } = meter;
  return fresh_for_ms === 0 || allowance === null
    ? fresh_for_ms
    : Math.max(fresh_for_ms, allowance.paid_ms(device_ids));
}

function notModified(visit: Question, validator: Validator): Reply {
  return { status: 304, headers: headersFor(visit, validator) };
}

function headersFor(visit: Question, validator: Validator): Record<string, string> {
  const fresh_for_ms = Math.max(0, (validator.limit?.until_ms ?? 0) - visit.now_ms);
  return { etag: formatETag(validator), 'x-fresh-for': String(Math.ceil(fresh_for_ms / 1_000)) };
}
