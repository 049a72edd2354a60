import { useEffect, useRef } from 'preact/hooks';
import { Latest } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { connection, Live } from '../api/live.ts';
import { now_ms } from '../lib/clock.ts';
import type { KnownValues } from './known-values.ts';
import type { OnScreen } from './on-screen.ts';
import { MOST_DEAR, MOST_FREE, nextQuestion } from './question.ts';

const POINTS = 30;
/** Others are worth another look then, where looking is free. */
const OTHERS_STALE_MS = 15_000;

interface Watching {
  readonly client: Client;
  readonly known: KnownValues;
  readonly on_screen: OnScreen;
  /** Devices that somebody wants to know of though their rows may be elsewhere. */
  readonly others: readonly string[];
}

/** Keeps asking for the rows on screen, at once when those have changed, unless the server wants to be left alone. */
export function useNewest(watching: Watching): void {
  const latest = useRef(watching);
  latest.current = watching;
  const { client, on_screen } = watching;
  useEffect(() => {
    let is_free = false;
    const live = new Live(async (signal) => {
      const ids = questionOf(latest.current, is_free);
      if (ids.length === 0) return { fresh_for_ms: 0 };
      const answer = await ask(latest.current, ids, signal);
      // Whatever costs reads comes with a promise of freshness.
      is_free = answer.reads === 0 && answer.fresh_for_ms === 0;
      return answer;
    });
    const unsubscribe = on_screen.ids.subscribe(() => {
      if (connection.peek().kind !== 'waiting') live.now();
    });
    return () => {
      unsubscribe();
      live.stop();
    };
  }, [client, on_screen]);
}

function questionOf({ known, on_screen, others }: Watching, is_free: boolean): readonly string[] {
  const askedAt_ms = (id: string): number => known.askedAt_ms(id);
  const before_ms = is_free ? now_ms() - OTHERS_STALE_MS : -Infinity;
  return nextQuestion({
    on_screen: on_screen.ids.peek(),
    others: others.filter((id) => askedAt_ms(id) <= before_ms),
    most: is_free ? MOST_FREE : MOST_DEAR,
    askedAt_ms,
  });
}

async function ask({ client, known }: Watching, ids: readonly string[], signal: AbortSignal) {
  const path = `/v1/telemetry/latest?device_ids=${ids.map(encodeURIComponent).join(',')}&points=${POINTS}`;
  const answer = await client.get(path, Latest, signal);
  known.learn(answer.body.devices, now_ms());
  return answer;
}
