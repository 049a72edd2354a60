import { DAY_MS, SECOND_MS } from '@bas/core/clock';
import { MONTH_DAYS, NOTHING, type Amounts } from './prices.ts';

export const MONTH_S = (MONTH_DAYS * DAY_MS) / SECOND_MS;
/** What has expired is deleted "typically within 24 hours": https://firebase.google.com/docs/firestore/ttl */
export const TTL_LAG_DAYS = 1;

/** What one thing that happens comes to in a month. */
export interface Cause extends Amounts {
  readonly cause: string;
}

export function causeOf(cause: string, amounts: Partial<Amounts>): Cause {
  return { cause, ...NOTHING, ...amounts };
}
