/** Whether what is another's can be told from what is nobody's: by the answer, or by how long it takes. */
import { hash } from 'node:crypto';
import { SECOND_MS } from '@bas/core/clock';
import type { Answer } from '../../test/support/client.ts';
import type { Pair, Question, Stranger } from './pairs.ts';

/** Slow enough for the read budget of the session that asks. */
const PAUSE_MS = 5 * SECOND_MS;

/** Answers about who asks, and how much, instead of what was asked for. */
const BESIDE_THE_POINT: ReadonlySet<number> = new Set([401, 429]);

export interface PairTimes {
  /** What differs in the answers, request ids aside; null when nothing does. */
  readonly differs: string | null;
  /** Medians. */
  readonly foreign_ms: number;
  readonly nobodys_ms: number;
}

/** Asks both questions of a pair `count` times, either first. */
export async function comparePair(stranger: Stranger, pair: Pair, count: number): Promise<PairTimes> {
  const times = { foreign: [] as number[], nobodys: [] as number[] };
  let differs: string | null = null;
  for (let round = 0; round < count; round += 1) {
    const order = foreignFirst(round) ? (['foreign', 'nobodys'] as const) : (['nobodys', 'foreign'] as const);
    const texts: string[] = [];
    for (const which of order) {
      await settle(stranger);
      const started_ms = performance.now();
      const answer = await ask(stranger, pair[which]);
      times[which].push(performance.now() - started_ms);
      texts.push(comparable(answer));
      if (answer.status < 400 || BESIDE_THE_POINT.has(answer.status))
        differs ??= `${which} was answered ${answer.status}`;
    }
    if (texts[0] !== texts[1]) differs ??= texts.join(' and ');
  }
  return { differs, foreign_ms: median(times.foreign), nobodys_ms: median(times.nobodys) };
}

/** As good as by chance: what the suite does every few requests must not meet one of the two more often. */
function foreignFirst(round: number): boolean {
  return Number.parseInt(hash('sha256', String(round)).slice(0, 1), 16) < 8;
}

/** Apart, as a share of the longer. */
export function apart({ foreign_ms, nobodys_ms }: PairTimes): number {
  return Math.abs(foreign_ms - nobodys_ms) / Math.max(foreign_ms, nobodys_ms);
}

/** Whether the session must be read or touched again has nothing to do with the question. */
async function settle({ world, headers }: Stranger): Promise<void> {
  world.server.clock.advance(PAUSE_MS);
  await world.server.client.send('GET', '/v1/session', { headers });
}

function ask({ world, headers }: Stranger, { method, path, json }: Question): Promise<Answer> {
  return world.server.client.send(method, path, { headers, ...(json === undefined ? {} : { json }) });
}

/** All that a stranger can see of an answer but what tells requests apart. */
function comparable({ status, headers, text }: Answer): string {
  const id = String(headers['x-request-id']);
  const seen = Object.entries(headers).filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return JSON.stringify([status, seen.sort(), text.replaceAll(id, '-')]);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
