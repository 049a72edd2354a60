/** What the box has acknowledged, and whether an answer or a store shows it. */
import type { SentPoint } from '../support/telemetry.ts';

/** A device: `tenant/device`. Every point it sends says so, which shows where an answer's points come from. */
export type Owner = `${string}/${string}`;

/** Points of one device by time: the `seq` of the request that put them there last. */
export type Acknowledged = ReadonlyMap<number, number>;

/** Times from `start_ms` inclusive to `end_ms` exclusive. */
export interface Span {
  readonly start_ms: number;
  readonly end_ms: number;
}

export class Ledger {
  readonly #devices = new Map<Owner, Map<number, number>>();

  /** A later request of the same device replaces what an earlier one put there. */
  acknowledge(owner: Owner, times_ms: readonly number[], seq: number): void {
    const known = this.#devices.get(owner) ?? new Map<number, number>();
    for (const time_ms of times_ms) known.set(time_ms, seq);
    this.#devices.set(owner, known);
  }

  /** What is acknowledged now, as a copy: what a question asked from now on must be answered with, or with newer. */
  soFar(owner: Owner): Acknowledged {
    return new Map(this.#devices.get(owner));
  }

  times(owner: Owner): readonly number[] {
    return [...(this.#devices.get(owner)?.keys() ?? [])];
  }

  /** Every acknowledged point as a store must hold it: `tenant/device time` and the metrics' text. */
  expected(): ReadonlyMap<string, string> {
    const points = new Map<string, string>();
    for (const [owner, known] of this.#devices) {
      for (const [time_ms, seq] of known) points.set(`${owner} ${time_ms}`, JSON.stringify(metricsOf(owner, seq)));
    }
    return points;
  }
}

export function metricsOf(owner: Owner, seq: number): { readonly owner: Owner; readonly seq: number } {
  return { owner, seq };
}

/** Points acknowledged before the question that `answer` lacks, or shows as they were before; one line each. */
export function missedIn(owner: Owner, before: Acknowledged, answer: readonly SentPoint[], span: Span): string[] {
  const shown = new Map(answer.map(({ timestamp_ms, metrics }) => [timestamp_ms, Number(metrics['seq'])]));
  const missed: string[] = [];
  for (const [time_ms, seq] of before) {
    if (time_ms < span.start_ms || time_ms >= span.end_ms) continue;
    const found = shown.get(time_ms);
    if (found === undefined || found < seq) missed.push(`${owner} ${time_ms}: ${found ?? 'nothing'} instead of ${seq}`);
  }
  return missed;
}

/** Points of somebody else. */
export function foreignIn(owner: Owner, answer: readonly SentPoint[]): string[] {
  return answer.flatMap(({ timestamp_ms, metrics }) =>
    metrics['owner'] === owner ? [] : [`${owner} was shown ${JSON.stringify(metrics)} at ${timestamp_ms}`],
  );
}

/** How a store differs from what was acknowledged, both ways: one line each. */
export function differences(expected: ReadonlyMap<string, string>, stored: ReadonlyMap<string, string>): string[] {
  return [...new Set([...expected.keys(), ...stored.keys()])].flatMap((point) => {
    const [wanted, found] = [expected.get(point), stored.get(point)];
    return wanted === found ? [] : [`${point}: ${found ?? 'nothing'} instead of ${wanted ?? 'nothing'}`];
  });
}
