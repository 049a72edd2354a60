/** What Firestore charges, and what is free. */

export interface Amounts {
  readonly reads: number;
  readonly writes: number;
  /** By the suite's own commits. */
  readonly deletes: number;
  /** By the database, of what has expired. */
  readonly ttl_deletes: number;
  /** Kept all the month. */
  readonly stored_bytes: number;
}

export const NOTHING: Amounts = { reads: 0, writes: 0, deletes: 0, ttl_deletes: 0, stored_bytes: 0 };

export const MONTH_DAYS = 30;
export const GIB = 2 ** 30;

/** Standard edition, us-central1, in US dollars. */
export const PRICES = {
  checked: '2026-11-23',
  region: 'us-central1',
  /** https://firebase.google.com/docs/firestore/compare-editions-for-native-mode */
  per_100k: { reads: 0.03, writes: 0.09, deletes: 0.01 },
  /** https://firebase.google.com/docs/firestore/pricing: the kind of operation decides, who asks for it does not. */
  per_100k_ttl_deletes: 0.01,
  /** https://cloud.google.com/firestore/pricing shows it by a script only, so it is the one price not read there. */
  per_gib_month: 0.15,
  /**
   * https://firebase.google.com/docs/firestore/pricing: for one database of a project; counted by the day, and what a day
   * leaves is lost. Deletes by TTL are not among them.
   */
  free: { reads_per_day: 50_000, writes_per_day: 20_000, deletes_per_day: 20_000, stored_bytes: GIB },
} as const;

/** The price of each amount, which add up to the bill. */
export type Bill = { readonly [name in keyof Amounts]: number };

/** A month of which every day is alike. */
export function billOf(month: Amounts): Bill {
  const { per_100k, free } = PRICES;
  const beyond = (count: number, free_per_day: number): number => Math.max(0, count - MONTH_DAYS * free_per_day) / 1e5;
  return {
    reads: beyond(month.reads, free.reads_per_day) * per_100k.reads,
    writes: beyond(month.writes, free.writes_per_day) * per_100k.writes,
    deletes: beyond(month.deletes, free.deletes_per_day) * per_100k.deletes,
    ttl_deletes: (month.ttl_deletes / 1e5) * PRICES.per_100k_ttl_deletes,
    stored_bytes: (Math.max(0, month.stored_bytes - free.stored_bytes) / GIB) * PRICES.per_gib_month,
  };
}

export function dollarsOf(bill: Bill): number {
  return bill.reads + bill.writes + bill.deletes + bill.ttl_deletes + bill.stored_bytes;
}

export function add(a: Amounts, b: Amounts): Amounts {
  return {
    reads: a.reads + b.reads,
    writes: a.writes + b.writes,
    deletes: a.deletes + b.deletes,
    ttl_deletes: a.ttl_deletes + b.ttl_deletes,
    stored_bytes: a.stored_bytes + b.stored_bytes,
  };
}
