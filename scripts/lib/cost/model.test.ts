import assert from 'node:assert/strict';
import { measureSizes } from '../../../functions/bench/sizes.ts';
import { rootDir } from '../paths.ts';
import { parseCostOptions, readAssumptions, type Assumptions } from './assumptions.ts';
import { DOCUMENT_BYTES, pointDocumentBytes, sampleAt } from './documents.ts';
import { readsThroughCache } from './instances.ts';
import { monthOf, type Design } from './model.ts';

const presets = parseCostOptions([]);
assert.ok(presets !== null);
const usual = readAssumptions(presets);
const month = (changes: Partial<Assumptions> = {}) => monthOf({ ...usual, ...changes });
const causeOf = ({ causes }: Design, name: string) => {
  const found = causes.find(({ cause }) => cause === name);
  assert.ok(found !== undefined, name);
  return found;
};

const MONTH_S = 30 * 86_400;

describe('a month of a fleet', () => {
  it('stores at least 18 times fewer bytes than a document per point, as the measured sizes do', () => {
    const { buckets, points } = month();
    assert.ok(points.bytes_per_point >= 18 * buckets.bytes_per_point);
    assert.deepEqual(
      measureSizes(rootDir).map(({ holds }) => holds),
      [true],
    );
  });

  it('has the size of a point of today: its time is part of its id', () => {
    const today = pointDocumentBytes(sampleAt(Date.UTC(2026, 5, 1), 6));
    assert.equal(month().points.bytes_per_point, today);
    assert.ok(today > pointDocumentBytes(sampleAt(0, 6)));
  });

  it('of one device that sends each point is a write a point, and a bucket to delete every 360', () => {
    const { buckets, points } = month({ devices: 1 });
    const posted = MONTH_S / 60;
    const { writes, ttl_deletes, reads, stored_bytes } = causeOf(buckets, 'points');
    assert.deepEqual([reads, writes, ttl_deletes], [0, posted, posted / 360]);
    assert.equal(stored_bytes, 91 * 1_440 * buckets.bytes_per_point);
    const other = causeOf(points, 'points');
    assert.deepEqual([other.writes, other.ttl_deletes, other.stored_bytes / stored_bytes > 18], [posted, posted, true]);
  });

  it('writes once for the points sent together, and a second bucket as often as they reach into it', () => {
    const { buckets, points } = month({ devices: 1, points_per_post: 10 });
    const posts = MONTH_S / 600;
    assert.ok(Math.abs(causeOf(buckets, 'points').writes - posts * (1 + 9 / 360)) < 1e-6);
    assert.equal(causeOf(points, 'points').writes, MONTH_S / 60);
  });

  it('keeps a device to five posts a minute', () => {
    const { traffic } = month({ devices: 1, interval_s: 1 });
    assert.deepEqual([traffic.points_per_post, traffic.posts_per_s * 60], [12, 5]);
    assert.equal(month({ interval_s: 12 }).traffic.points_per_post, 1);
  });

  it('keeps a dashboard to fifty reads a minute', () => {
    const reads = (charts: number) => {
      const { buckets, looks_granted } = month({ dashboards: 1, charts, sign_ins: 0, open_hours: 24, refresh_s: 1 });
      const { reads: looked } = causeOf(buckets, 'charts');
      return { looks_granted, per_minute: ((looked + causeOf(buckets, 'sessions').reads) / MONTH_S) * 60 };
    };
    const many = reads(20);
    assert.ok(Math.abs(many.per_minute - 50) < 1e-6);
    assert.ok(many.looks_granted < 0.05);
    assert.equal(month().looks_granted, 1);
  });

  it('costs nothing for looks without a dashboard or without a chart', () => {
    for (const none of [{ dashboards: 0 }, { charts: 0, sign_ins: 0 }, { open_hours: 0, sign_ins: 0 }]) {
      const { buckets, points } = month(none);
      for (const design of [buckets, points]) {
        assert.equal(causeOf(design, 'charts').reads, 0);
        assert.equal(causeOf(design, 'sessions').reads, 0);
        assert.equal(causeOf(design, 'sign-ins').reads, 0);
      }
    }
  });

  it('never costs less for more', () => {
    const scales: readonly (readonly [keyof Assumptions, readonly number[]])[] = [
      ['devices', [1, 10, 1_000, 1_030, 30_000, 1_000_000]],
      ['dashboards', [0, 1, 100, 10_000]],
      ['retention_days', [1, 30, 90, 365]],
      ['metrics', [1, 6, 64]],
      ['open_hours', [0, 8, 24]],
      ['sign_ins', [0, 2, 20]],
      ['audit_events', [0, 20, 1_000]],
    ];
    for (const [name, values] of scales) {
      const bills = values.map((value) => month({ devices: 10_000, [name]: value }));
      for (const design of ['buckets', 'points'] as const) {
        const dollars = bills.map((bill) => bill[design].dollars);
        assert.deepEqual(
          dollars,
          dollars.toSorted((a, b) => a - b),
          `${name} of ${design}`,
        );
      }
    }
  });

  it('costs less the more points are sent together, and never more than a document per point', () => {
    const bills = [1, 2, 10, 100, 1_000].map((points_per_post) => month({ devices: 10_000, points_per_post }));
    const dollars = bills.map(({ buckets }) => buckets.dollars);
    assert.deepEqual(
      dollars,
      dollars.toSorted((a, b) => b - a),
    );
    for (const { buckets, points } of bills) assert.ok(buckets.dollars < points.dollars);
  });

  it('reads buckets again where instances share devices, or have more than they can remember', () => {
    const share = (changes: Partial<Assumptions>) => {
      const { reads, writes } = causeOf(month(changes).buckets, 'points');
      return reads / writes;
    };
    assert.equal(share({ devices: 900 }), 0);
    assert.equal(share({ devices: 900, requests_per_instance: 8 }), 0.5);
    assert.equal(share({ devices: 5_000 }), 1);
  });

  it('writes usage once a minute and busy instance, and keeps a day of each tenant for 400 days', () => {
    const changes = { devices: 1_000, points_per_post: 5, dashboards: 10 };
    const { writes, ttl_deletes, stored_bytes } = causeOf(month(changes).buckets, 'usage counters');
    const minutes = MONTH_S / 60;
    const [sign_ins, sweeps] = [10 * 2 * 30, minutes / 5];
    assert.ok(Math.abs(writes - (minutes + minutes / 3 + sign_ins + sweeps)) < 1e-6);
    assert.equal(ttl_deletes, (10 + 1) * 30);
    const shown = 10 * 6;
    const a_day = (10 + 1) * DOCUMENT_BYTES.usage + (1_000 + shown) * DOCUMENT_BYTES.usage_row;
    assert.equal(stored_bytes, 402 * a_day);
    const large = causeOf(month({ ...changes, devices_per_tenant: 500 }).buckets, 'usage counters');
    assert.equal(large.ttl_deletes, (2 * 8 + 1) * 30);
    const rare = causeOf(month({ devices: 1, interval_s: 600, dashboards: 0 }).buckets, 'usage counters');
    assert.ok(Math.abs(rare.writes - (MONTH_S / 600 + sweeps)) < 1e-6);
  });
});

describe('a cache of an instance', () => {
  const cache = { ttl_s: 300, max_entries: 100 };

  it('is of no use to what is asked for rarely, and spares nearly all of what is asked for often', () => {
    assert.ok(readsThroughCache({ per_s: 1e-6, documents: 1, instances: 1 }, cache) > 0.99e-6);
    assert.ok(readsThroughCache({ per_s: 100, documents: 1, instances: 1 }, cache) < 1 / 299);
    assert.equal(readsThroughCache({ per_s: 0, documents: 0, instances: 1 }, cache), 0);
  });

  it('spares less with more instances, and with more documents than places', () => {
    const reads = (documents: number, instances: number) =>
      readsThroughCache({ per_s: 10, documents, instances }, cache);
    assert.ok(reads(100, 4) > reads(100, 1));
    // In the long run a hundredth of what is asked for is in one of its hundred places.
    assert.ok(Math.abs(reads(10_000, 1) - 9.9) < 1e-9);
  });
});
