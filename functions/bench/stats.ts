/** Figures of one run: percentiles, and rounds that take turns so that a slow minute of the machine hits all alike. */

/** The value below which a share `p` (0 to 1) of `values` lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

export interface Timing {
  readonly p50_ms: number;
  readonly p95_ms: number;
}

/**
 * Times each contender `rounds` times in turn, after a warm-up of a tenth. The order goes round, A B C B C A C A B …, so
 * that none always runs in what the slowest leaves behind.
 */
export async function timeInTurn<Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<unknown>>>,
  rounds: number,
): Promise<Record<Name, Timing>> {
  const names = Object.keys(contenders) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  const warmup = Math.ceil(rounds / 10);
  for (let round = -warmup; round < rounds; round += 1) {
    const first = (round + warmup) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const started_ms = performance.now();
      await contenders[name]();
      if (round >= 0) samples.get(name)?.push(performance.now() - started_ms);
    }
  }
  const timing = (name: Name): Timing => {
    const values = samples.get(name) ?? [];
    return { p50_ms: percentile(values, 0.5), p95_ms: percentile(values, 0.95) };
  };
  return Object.fromEntries(names.map((name) => [name, timing(name)])) as Record<Name, Timing>;
}
