import assert from 'node:assert/strict';
import { Client } from '../api/client.ts';
import { History, type Wanted } from './history.ts';

const TILE_MS = 600_000;
const wanted: Wanted = {
  question: { level: { interval_ms: null, tile_ms: TILE_MS }, aggregate: 'avg' },
  span: { start_ms: 0, end_ms: TILE_MS },
  recent: { points: [], from_ms: TILE_MS },
};
const point = (timestamp_ms: number) => ({ timestamp_ms, metrics: { a: 1 } });
const page = (times: readonly number[], next_cursor: string | null) =>
  Response.json({ device_id: 'ahu-1', points: times.map(point), next_cursor });
const problem = (status: number, code: string) => Response.json({ code, detail: `It is ${code}.` }, { status });

describe('loading history', () => {
  const { fetch } = globalThis;
  const asked: (string | null)[] = [];
  let answers: Response[] = [];
  let history: History;
  beforeEach(() => {
    asked.length = 0;
    globalThis.fetch = (url) => {
      assert.ok(typeof url === 'string');
      asked.push(new URL(url, 'http://box').searchParams.get('cursor'));
      return Promise.resolve(answers.shift() ?? page([], null));
    };
    Object.defineProperty(globalThis, 'document', { value: { hidden: false }, configurable: true });
    history = new History(new Client('acme', null), 'ahu-1');
  });
  afterEach(() => {
    history.stop();
    globalThis.fetch = fetch;
    Reflect.deleteProperty(globalThis, 'document');
  });

  const becomes = (kind: string) =>
    new Promise<void>((resolve) => {
      history.loading.subscribe((loading) => {
        if (loading.kind === kind) resolve();
      });
    });

  it('tells of a failure that does not pass, and tries again when it is told to', async () => {
    answers = [problem(403, 'role_required')];
    history.want(wanted);
    await becomes('failed');
    history.want({ ...wanted });
    assert.equal(asked.length, 1, 'not by itself');
    history.retry();
    await becomes('idle');
    assert.equal(history.tilesOf(wanted)[0]?.cursor, null);
  });

  it('begins a stretch anew when a cursor has become invalid', async () => {
    answers = [page([500], 'old'), problem(400, 'invalid_cursor'), page([500], 'new'), page([400], null)];
    history.want(wanted);
    await becomes('loading');
    await becomes('idle');
    assert.deepEqual(asked, [null, 'old', null, 'new']);
    assert.deepEqual(history.tilesOf(wanted)[0]?.points, [point(400), point(500)]);
  });

  it('waits no longer than it is wanted', async () => {
    answers = [problem(503, 'store_unavailable')];
    history.want(wanted);
    await becomes('waiting');
    history.stop();
    await new Promise(setImmediate);
    history.want(wanted);
    await becomes('idle');
    assert.equal(asked.length, 1);
  });
});
