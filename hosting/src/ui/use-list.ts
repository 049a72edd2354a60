/** A list that the server gives page by page: more only when somebody asks for more. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Schema } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { Failure } from '../api/failure.ts';
import { joined } from './list-rows.ts';

const RETRY_MS = 5_000;

interface Paged {
  readonly next_cursor: string | null;
}

export interface List<Row> {
  readonly rows: readonly Row[];
  readonly state: 'loading' | 'ready' | 'failed';
  readonly has_more: boolean;
  /** What stands in the way; null while nothing does. */
  readonly failure: unknown;
  readonly more: () => void;
  /** From the beginning; the rows stay until the new ones are there. */
  readonly reload: () => void;
  /** Changes what is shown without asking: the answer to a change says what there is now. */
  readonly edit: (change: (rows: readonly Row[]) => readonly Row[]) => void;
}

interface Held<Row> extends Pick<List<Row>, 'rows' | 'state' | 'failure'> {
  readonly cursor: string | null;
}

interface Kind<Answer, Row> {
  readonly schema: Schema<Answer>;
  readonly rowsOf: (answer: Answer) => readonly Row[];
  readonly idOf: (row: Row) => string;
}

const NOTHING = { rows: [], cursor: null, state: 'loading', failure: null } as const;

/** The list at `path`, which has its `?` and may change: then it begins anew. */
export function useList<Answer extends Paged, Row>(
  client: Client,
  path: string,
  { schema, rowsOf, idOf }: Kind<Answer, Row>,
): List<Row> {
  const [held, hold] = useState<Held<Row>>(NOTHING);
  const running = useRef(new AbortController());

  async function ask(cursor: string | null): Promise<void> {
    running.current.abort();
    const stop = new AbortController();
    running.current = stop;
    hold((before) => ({ ...before, state: 'loading' }));
    try {
      const next = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await client.get(`${path}${next}`, schema, stop.signal);
      const found = rowsOf(body);
      hold(({ rows }) => ({
        rows: cursor === null ? found : joined(rows, found, idOf),
        cursor: body.next_cursor,
        state: 'ready',
        failure: null,
      }));
    } catch (failure) {
      if (stop.signal.aborted) return;
      hold((before) => ({ ...before, state: 'failed', failure }));
      // A server that comes back is noticed by itself.
      if (failure instanceof Failure && failure.isPassing) again(cursor, failure.retry_after_ms ?? RETRY_MS, stop);
    }
  }

  function again(cursor: string | null, wait_ms: number, { signal }: AbortController): void {
    const timer = setTimeout(() => void ask(cursor), wait_ms);
    signal.addEventListener('abort', () => clearTimeout(timer));
  }

  // Before anything is painted: what another path had answered is not this one's.
  useLayoutEffect(() => {
    hold(NOTHING);
    void ask(null);
    return () => running.current.abort();
  }, [client, path]);

  return {
    ...held,
    has_more: held.cursor !== null,
    more: () => void ask(held.cursor),
    reload: () => void ask(null),
    edit: (change) => hold((before) => ({ ...before, rows: change(before.rows) })),
  };
}
