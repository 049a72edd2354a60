/** Pages of 1 to 200 devices for eighty minutes, by the real reader, budgets and tags: only what Firestore holds is made up. */
import { Timestamp } from '@google-cloud/firestore';
import assert from 'node:assert/strict';
import { DASHBOARD_READS_PER_MINUTE, LONGEST_FRESH_MS } from '../../../budgets/dashboard-reads.ts';
import { Dashboards } from '../../../budgets/dashboards.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../clock.ts';
import { Problem } from '../../../errors.ts';
import { cacheable, freshEnough } from '../../../http/cacheable.ts';
import type { Device } from '../../../model/entities.ts';
import { SESSION_CACHE_MS } from '../../../model/session-rules.ts';
import { Meter } from '../../../observability/meter.ts';
import { ACME, aDevice } from '../../suite/fixtures.ts';
import { Fields } from '../fields.ts';
import { paths } from '../paths.ts';
import type { QueryRequest } from '../queries.ts';
import { IDENTITY_CACHE_MS } from '../request.ts';
import type { StoredDocument } from '../stored.ts';
import { TimedCache } from '../timed-cache.ts';
import { TelemetryMemory } from './memory.ts';
import { TelemetryReader } from './reader.ts';
import { beyondRollover_ms } from './rollover.ts';

const START_MS = Date.UTC(2026, 2, 17, 9, 24, 30);
const POLL_MS = 5 * SECOND_MS;
const POINTS = 100;
/** A device that reports so often has buckets of one hour. */
const INTERVAL_MS = 30 * SECOND_MS;

let now_ms = START_MS;
const clock = { now_ms: () => now_ms };

/** As the gateway does it; but the run's own meter would ask a proxy for what it counts. */
function count(meter: Meter, reads: number): void {
  meter.touched = true;
  meter.reads += reads;
  meter.allowance?.counted(reads);
}

/** Every device has always reported. */
function bucketOf(device_id: string, start_ms: number): StoredDocument {
  const texts: Record<string, string> = {};
  for (let offset = 0; offset < HOUR_MS && start_ms + offset <= now_ms; offset += INTERVAL_MS)
    texts[offset] = '{"t":1}';
  const { id } = paths.bucket(ACME, device_id, start_ms);
  const fields = new Fields(id, { timestamp_ms: start_ms, points: texts, bytes: 1_000 });
  return { id, fields, updated: Timestamp.fromMillis(now_ms) };
}

/** Buckets of the last day. */
const firestore = (meter: Meter) => ({
  query({ equal, from, below = Infinity, limit }: QueryRequest): Promise<readonly StoredDocument[]> {
    const found: StoredDocument[] = [];
    let start_ms = Math.floor(now_ms / HOUR_MS) * HOUR_MS;
    for (; start_ms >= Number(from) && start_ms > now_ms - 24 * HOUR_MS && found.length < limit; start_ms -= HOUR_MS) {
      if (start_ms < Number(below)) found.push(bucketOf(String(equal[1]), start_ms));
    }
    count(meter, Math.max(1, found.length));
    return Promise.resolve(found);
  },
});

const VIEWER = { tenant_id: 'acme', user_id: 'u', session_id: 's' };

interface Shown {
  readonly reads: number;
  /** Undefined when it was refused. */
  readonly etag: string | undefined;
  readonly fresh_for_s: number;
}

class Instance {
  readonly #dashboards = new Dashboards();
  readonly #memory = new TelemetryMemory();
  readonly #devices = new TimedCache<Device>({ clock, ttl_ms: IDENTITY_CACHE_MS, max_entries: 1_000, enabled: true });
  #session_ms = -Infinity;

  async poll(device_id: string, held: string | undefined): Promise<Shown> {
    const meter = new Meter();
    if (now_ms - this.#session_ms >= SESSION_CACHE_MS) {
      count(meter, 1);
      this.#session_ms = now_ms;
    }
    const allowance = this.#dashboards.allowance(VIEWER, now_ms, meter.reads);
    meter.allowance = allowance;
    const asked = { meter, now_ms, question: device_id.slice(-8), header: () => held };
    try {
      const fresh = freshEnough(asked, [device_id]);
      const reply = fresh ?? cacheable(asked, [device_id], await this.#page(device_id, meter));
      const { etag, 'x-fresh-for': fresh_for } = reply.headers ?? {};
      return { reads: meter.reads, etag: String(etag), fresh_for_s: Number(fresh_for) };
    } catch (error) {
      assert.ok(error instanceof Problem && error.code === 'read_budget');
      return { reads: meter.reads, etag: undefined, fresh_for_s: 0 };
    } finally {
      allowance.settle();
    }
  }

  async #page(device_id: string, meter: Meter): Promise<string> {
    if (this.#devices.peek(device_id) === null) meter.allowance?.requireLook();
    const device = await this.#devices.recall(device_id, () => {
      count(meter, 1);
      return Promise.resolve(aDevice({ device_id, expected_interval_ms: INTERVAL_MS }));
    });
    assert.ok(device !== null);
    const kept = { memory: this.#memory, meter, remember: true, promise: true };
    const reader = new TelemetryReader({ documents: firestore(meter), ...kept });
    let points = 0;
    for await (const chunk of reader.scan(device, { start_ms: 0, end_ms: now_ms + 1 }, { expected: POINTS, now_ms })) {
      points += chunk.length;
      if (points >= POINTS) break;
    }
    assert.ok(points >= POINTS);
    return `${device_id} at ${now_ms}`;
  }
}

interface Outcome {
  readonly worst: number;
  readonly refused_after_opening: number;
}

/** A new bucket for every device is among it. The opening is left out where two instances read more than a minute's budget for it. */
async function simulate(shown: number, instances: number): Promise<Outcome> {
  const all = Array.from({ length: instances }, () => new Instance());
  const held = new Map<string, string>();
  const log: number[] = [];
  const opening_ms = Math.ceil((shown * 4) / DASHBOARD_READS_PER_MINUTE) * MINUTE_MS;
  let refused_after_opening = 0;
  let turn = 0;
  for (now_ms = START_MS; now_ms < START_MS + 80 * MINUTE_MS; now_ms += POLL_MS) {
    let reads = 0;
    for (let n = 0; n < shown; n += 1) {
      // Any instance, and never the same order.
      turn = (turn * 31 + n + 7) % 10_007;
      const id = `device-${n}`;
      const answer = await all[turn % instances]?.poll(id, held.get(id));
      reads += answer?.reads ?? 0;
      if (answer?.etag !== undefined) held.set(id, answer.etag);
      else if (now_ms > START_MS + opening_ms) refused_after_opening += 1;
    }
    log.push(reads);
  }
  const from = instances > 1 && shown * 4 > DASHBOARD_READS_PER_MINUTE ? opening_ms / POLL_MS : 0;
  const minutes = log.slice(from).map((_, at) => log.slice(from + at, from + at + 12).reduce((sum, n) => sum + n, 0));
  return { worst: Math.max(...minutes), refused_after_opening };
}

describe('the pace of a dashboard', function () {
  this.timeout(60_000);

  for (const instances of [1, 2]) {
    it(`keeps 1 to 200 devices within the budget, with ${instances} instance${instances === 1 ? '' : 's'}`, async () => {
      for (const shown of [1, 3, 5, 10, 16, 20, 24, 30, 40, 80, 200]) {
        const { worst, refused_after_opening } = await simulate(shown, instances);
        assert.ok(worst <= DASHBOARD_READS_PER_MINUTE, `${shown} devices: ${worst} reads in a minute`);
        assert.equal(refused_after_opening, 0, `${shown} devices`);
      }
    });
  }

  it('spreads answers that last beyond the full hour over a minute, and no others', async () => {
    const instance = new Instance();
    const ids = Array.from({ length: 20 }, (_, n) => `device-${n}`);
    const limits = async (at_ms: number) => {
      now_ms = at_ms;
      const answers: Shown[] = [];
      for (const id of ids) answers.push(await instance.poll(id, undefined));
      return answers.map(({ fresh_for_s }) => fresh_for_s);
    };
    const hour_ms = Math.ceil(START_MS / HOUR_MS) * HOUR_MS;
    for (let at_ms = hour_ms - 20 * MINUTE_MS; at_ms < hour_ms - 5 * MINUTE_MS; at_ms += MINUTE_MS) await limits(at_ms);
    const before = await limits(hour_ms - 3 * MINUTE_MS);
    assert.equal(new Set(before).size, 1);
    const beyond = await limits(hour_ms - 30 * SECOND_MS);
    assert.ok(new Set(beyond).size > 10, String(beyond));
    assert.ok(
      beyond.every((fresh_for_s) => fresh_for_s >= 60 && fresh_for_s <= 120),
      String(beyond),
    );
  });

  it('lets few devices wait no longer than their pace, and nobody longer than a limit is believed', () => {
    const device = aDevice({ expected_interval_ms: INTERVAL_MS });
    const hour_ms = Math.ceil(START_MS / HOUR_MS) * HOUR_MS;
    const beyond = (fresh_ms: number, pace_ms: number) =>
      beyondRollover_ms(device, hour_ms - SECOND_MS, fresh_ms, pace_ms);
    const few_ms = beyond(10 * SECOND_MS, SECOND_MS);
    assert.ok(few_ms > 10 * SECOND_MS && few_ms < 11 * SECOND_MS, String(few_ms));
    assert.equal(beyond(LONGEST_FRESH_MS, MINUTE_MS), LONGEST_FRESH_MS);
  });
});
