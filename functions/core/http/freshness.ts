import { hash } from 'node:crypto';
import { LONGEST_FRESH_MS } from '../budgets/dashboard-reads.ts';

/** A hash of the body, equal on both stores, and beside it how long the answer is fresh, when it is fresh at all. */
export interface Validator {
  readonly hash: string;
  readonly limit: Freshness | null;
}

export interface HeldAnswer extends Validator {
  readonly limit: Freshness;
}

/** Until when an answer is fresh, and to which question: without that, a tag of one would be taken for another. */
export interface Freshness {
  readonly until_ms: number;
  readonly question: string;
}

/** What was asked, in short: the tenant, the function and its query as it was understood. */
export function digestQuestion(tenant_id: string, function_name: string, query: unknown): string {
  return hash('sha256', JSON.stringify([tenant_id, function_name, query]), 'base64url').slice(0, 8);
}

export function hashBody(body: string): string {
  return hash('sha256', body, 'base64url').slice(0, 22);
}

export function formatETag(validator: Validator): string {
  const { hash: body, limit } = validator;
  return limit === null ? `"${body}"` : `"${body}.${limit.until_ms.toString(36)}.${limit.question}"`;
}

const TAG = /^(?:W\/)?"([A-Za-z0-9_-]{22})(?:\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{8}))?"$/;

/** The validators in an If-None-Match header; anything we did not make is passed over. */
export function parseIfNoneMatch(header: string | undefined): readonly Validator[] {
  if (header === undefined || header.length > 2_048) return [];
  return header.split(',').flatMap((part) => {
    const found = TAG.exec(part.trim());
    if (found === null) return [];
    const [, body = '', until, question = ''] = found;
    return [{ hash: body, limit: until === undefined ? null : { until_ms: Number.parseInt(until, 36), question } }];
  });
}

/**
 * The validator of the last answer to `question`, fresh or not. A client that forges a limit only keeps itself from news,
 * and not for long: a limit further away than any answer is fresh is not believed.
 */
export function heldAnswer(validators: readonly Validator[], question: string, now_ms: number): HeldAnswer | undefined {
  return validators
    .flatMap(({ hash: body, limit }) => (limit?.question === question ? [{ hash: body, limit }] : []))
    .filter(({ limit }) => Math.abs(limit.until_ms - now_ms) <= LONGEST_FRESH_MS)
    .sort((a, b) => b.limit.until_ms - a.limit.until_ms)[0];
}
