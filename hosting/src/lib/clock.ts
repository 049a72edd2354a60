/** The server's time as far as it is known here: a browser's own clock may be minutes off. */
const NOTICEABLE_MS = 2_000;
const MOST_TAKEN_MS = 1_000;
let ahead_ms = 0;

/** Learns from an answer's `Date` header, which has whole seconds; one that was long on its way tells too little. */
export function learnServerTime(date: string | null, asked_ms: number): void {
  const server_ms = date === null ? Number.NaN : Date.parse(date);
  const took_ms = Date.now() - asked_ms;
  if (Number.isNaN(server_ms) || took_ms < 0 || took_ms > MOST_TAKEN_MS) return;
  const difference_ms = server_ms + 500 - (asked_ms + took_ms / 2);
  ahead_ms = Math.abs(difference_ms) > NOTICEABLE_MS ? difference_ms : 0;
}

export function now_ms(): number {
  return Date.now() + ahead_ms;
}
