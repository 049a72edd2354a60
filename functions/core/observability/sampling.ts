/** At most this share of requests is told in detail in production, whatever is configured. */
export const MAX_DEBUG_PERCENT = 10;

/**
 * Whether a request is among the `percent` that are told in detail: all its lines or none. Goes by the id that we gave
 * it, because a sender who picks its own trace could have all of its requests told.
 */
export function isSampled(request_id: string, percent: number): boolean {
  return percent > 0 && (Number.parseInt(request_id.slice(0, 8), 16) / 2 ** 32) * 100 < percent;
}
