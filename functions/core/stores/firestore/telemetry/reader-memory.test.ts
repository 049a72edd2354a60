/** What buckets take while they are read, by the real reader: only what Firestore holds is made up. */
import { Timestamp } from '@google-cloud/firestore';
import assert from 'node:assert/strict';
import { setImmediate as round } from 'node:timers/promises';
import { HOUR_MS } from '../../../clock.ts';
import { MAX_BUCKET_BYTES } from '../../../model/bucket.ts';
import { Meter } from '../../../observability/meter.ts';
import { ACME, aDevice } from '../../suite/fixtures.ts';
import { Fields } from '../fields.ts';
import { paths } from '../paths.ts';
import type { QueryRequest } from '../queries.ts';
import type { StoredDocument } from '../stored.ts';
import { TelemetryMemory } from './memory.ts';
import { TelemetryReader } from './reader.ts';

const NOW_MS = Date.UTC(2026, 2, 17, 9, 24, 30);
const DAY = { start_ms: NOW_MS - 24 * HOUR_MS, end_ms: NOW_MS - HOUR_MS };
const EXPECTED = 2_000;

/** Buckets of an hour with a point each, said to hold `bytes`; how much of them is under way is written down. */
class Store {
  readonly limits: number[] = [];
  most_at_once = 0;
  asked = 0;
  #at_once = 0;
  readonly #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  async query({ equal, from, below, limit }: QueryRequest): Promise<readonly StoredDocument[]> {
    this.asked += 1;
    this.limits.push(limit);
    this.#at_once += limit;
    this.most_at_once = Math.max(this.most_at_once, this.#at_once);
    await round();
    this.#at_once -= limit;
    const found: StoredDocument[] = [];
    let start_ms = Math.floor((Number(below) - 1) / HOUR_MS) * HOUR_MS;
    for (; start_ms >= Number(from) && found.length < limit; start_ms -= HOUR_MS)
      found.push(this.#bucket(String(equal[1]), start_ms));
    return found;
  }

  #bucket(device_id: string, start_ms: number): StoredDocument {
    const { id } = paths.bucket(ACME, device_id, start_ms);
    const fields = new Fields(id, { timestamp_ms: start_ms, points: { 0: '{"t":1}' }, bytes: this.#bytes });
    return { id, fields, updated: Timestamp.fromMillis(NOW_MS) };
  }
}

const memory = new TelemetryMemory();

function scan(store: Pick<Store, 'query'>, device_id: string) {
  const kept = { memory, meter: new Meter(), remember: false, promise: false };
  const reader = new TelemetryReader({ documents: store, ...kept });
  const device = aDevice({ device_id, expected_interval_ms: 30_000 });
  return reader.scan(device, DAY, { expected: EXPECTED, now_ms: NOW_MS });
}

async function pointsOf(store: Store, device_id: string): Promise<number> {
  let points = 0;
  for await (const chunk of scan(store, device_id)) points += chunk.length;
  return points;
}

describe('buckets under way', () => {
  afterEach(() => assert.equal(memory.under_way.taken, 0));

  it('are asked for in many when they are small, and in few as soon as they are known to be large', async () => {
    const [small, large] = [new Store(10_000), new Store(MAX_BUCKET_BYTES)];
    const points = await Promise.all([pointsOf(small, 'small'), pointsOf(large, 'large')]);
    assert.deepEqual(points, [23, 23]);
    assert.equal(Math.max(...small.limits), 16);
    assert.equal(Math.max(...large.limits), 4);
  });

  it('of all who ask together are no more than memory has room for, and everybody is answered', async () => {
    const store = new Store(MAX_BUCKET_BYTES);
    const all = Array.from({ length: 40 }, (_unused, at) => pointsOf(store, `device-${at}`));
    const points = await Promise.all(all);
    assert.deepEqual(new Set(points), new Set([23]));
    assert.ok(store.most_at_once * MAX_BUCKET_BYTES <= 24_000_000, `${store.most_at_once} buckets at once`);
  });

  it('are counted until the consumer is through with them, stops, or the store fails', async () => {
    const chunks = scan(new Store(MAX_BUCKET_BYTES), 'device');
    await chunks.next();
    assert.ok(memory.under_way.taken >= MAX_BUCKET_BYTES, String(memory.under_way.taken));
    await chunks.return(undefined);
    assert.equal(memory.under_way.taken, 0);
    const failing = { query: () => Promise.reject(new Error('away')) };
    await assert.rejects(scan(failing, 'device').next(), /away/);
  });
});
