import { hash } from 'node:crypto';

/** No answer is fresh for longer than this, whatever an ETag claims. */
const MAX_FRESH_MS = 120_000;

/** A hash of the body, equal on both stores, and beside it until when the answer is fresh, when it is fresh at all. */
export interface Validator {
  readonly hash: string;
  readonly fresh_until_ms: number | null;
}

export function hashBody(body: string): string {
  return hash('sha256', body, 'base64url').slice(0, 22);
}

export function formatETag(validator: Validator): string {
  const limit = validator.fresh_until_ms === null ? '' : `.${validator.fresh_until_ms.toString(36)}`;
  return `"${validator.hash}${limit}"`;
}

const TAG = /^(?:W\/)?"([A-Za-z0-9_-]{22})(?:\.([0-9a-z]{1,11}))?"$/;

/** The validators in an If-None-Match header; anything we did not make is passed over. */
export function parseIfNoneMatch(header: string | undefined): readonly Validator[] {
  if (header === undefined || header.length > 2_048) return [];
  return header.split(',').flatMap((part) => {
    const found = TAG.exec(part.trim());
    if (found === null) return [];
    const [, tag = '', limit] = found;
    return [{ hash: tag, fresh_until_ms: limit === undefined ? null : Number.parseInt(limit, 36) }];
  });
}

/**
 * The validator that still holds at `now_ms`, so that any instance can answer 304 without a read. A client that forges
 * a limit only keeps itself from news, and not for long.
 */
export function stillFresh(validators: readonly Validator[], now_ms: number): Validator | undefined {
  return validators.find(
    ({ fresh_until_ms }) =>
      fresh_until_ms !== null && fresh_until_ms > now_ms && fresh_until_ms <= now_ms + MAX_FRESH_MS,
  );
}
