import { Timestamp } from '@google-cloud/firestore';
import { SESSION_IDLE_MS } from '../../model/session-rules.ts';
import type { SweepStore, SweptRows } from '../contracts.ts';
import type { Change } from './documents.ts';
import type { Collection } from './paths.ts';
import { QUERY_SHAPES, type QueryRequest } from './queries.ts';
import type { Request } from './request.ts';

const BATCH = 300;
const MAX_BATCHES = 10;

type Past = Pick<QueryRequest, 'shape' | 'below'>;

export class FirestoreSweeps implements SweepStore {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  async sessions(now_ms: number): Promise<number> {
    const ended = Timestamp.fromMillis(now_ms + 1);
    const past: readonly Past[] = [
      { shape: 'sessionsPastEnd', below: ended },
      { shape: 'sessionsIdle', below: now_ms - SESSION_IDLE_MS + 1 },
      { shape: 'throttlePast', below: ended },
    ];
    let left = 0;
    for (const rows of past) left += await this.#sweep(rows);
    return left;
  }

  /** Points, events and usage leave by the TTL of `expire_at`. */
  retention(): Promise<SweptRows> {
    return Promise.resolve({ points: 0, audit_events: 0, usage_rows: 0 });
  }

  /** A row that was changed meanwhile stays for the next sweep, and so does what more than the bound leaves. */
  async #sweep(past: Past): Promise<number> {
    const { documents } = this.#request;
    const collection: Collection = QUERY_SHAPES[past.shape].collection;
    let left = 0;
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const found = await documents.query({ ...past, equal: [], limit: BATCH });
      if (found.length === 0) break;
      const changes = found.map(({ id, updated }): Change => ({
        kind: 'delete',
        path: { collection, id },
        at: updated,
      }));
      if ((await documents.commit(changes)) === null) break;
      left += found.length;
      if (found.length < BATCH) break;
    }
    return left;
  }
}
