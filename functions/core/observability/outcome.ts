/** What became of a request or of a scheduled run, in the words of the log. */
export type Outcome = 'success' | 'unchanged' | 'refused' | 'failure';

export function outcomeOf(status: number): Outcome {
  if (status >= 500) return 'failure';
  if (status >= 400) return 'refused';
  return status === 304 ? 'unchanged' : 'success';
}

/** Whose line it is, for what a box does by itself again and again. */
export function loopFacts(name: string, outcome: Outcome) {
  return { function: name, action: `${name}.pass`, outcome };
}

/** A time as the log tells it: nobody needs more digits. */
export function tenths(latency_ms: number): number {
  return Math.round(latency_ms * 10) / 10;
}
