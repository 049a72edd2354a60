import { Timestamp } from '@google-cloud/firestore';
import assert from 'node:assert/strict';
import { parseRequired } from '../../gate/required.ts';
import { DEFAULT_INDEXES, documentBytes, indexBytes, storedBytes, type StoredFields } from './storage-size.ts';

const composite = {
  collectionGroup: 'telemetry',
  queryScope: 'COLLECTION',
  fields: [
    { fieldPath: 'tenant_id', order: 'ASCENDING' },
    { fieldPath: 'device_id', order: 'ASCENDING' },
    { fieldPath: 'timestamp_ms', order: 'DESCENDING' },
  ],
};
const exempt = (...fields: readonly string[]) =>
  fields.map((fieldPath) => ({ collectionGroup: 'telemetry', fieldPath, indexes: [] }));
const indexed = (...fieldOverrides: readonly object[]) => parseRequired({ indexes: [composite], fieldOverrides });

const name = { collection: 'telemetry', id: 'x'.repeat(20) } as const;
const owner = { tenant_id: 'tenant-001', device_id: 'device-00001' };
const times = { timestamp_ms: 1_790_000_000_000, expire_at: Timestamp.fromMillis(0) };

describe('what a document takes in Firestore', () => {
  const point: StoredFields = { ...owner, ...times, temp: 21.5, hum: 40.25 };

  it('is what the published formulas work out to for one point in a document of its own', () => {
    assert.equal(storedBytes(name, point, indexed()), 1_462);
    assert.equal(storedBytes(name, point, indexed(...exempt(...Object.keys(point)))), 298);
  });

  it('is 58 bytes a point with 360 of them in one document', () => {
    const points = Object.fromEntries(Array.from({ length: 360 }, (_, n) => [String(n * 10), { t: 21.5, h: 40.25 }]));
    const bucket: StoredFields = { ...owner, ...times, p: points };
    const bytes = storedBytes(name, bucket, indexed(...exempt(...Object.keys(bucket))));
    assert.equal(Math.round(bytes / 360), 58);
  });

  it('has two entries a value, one an item of a list, and nothing for what an exempt map holds', () => {
    const entries = (fields: StoredFields, ...overrides: object[]): number =>
      indexBytes(name, fields, parseRequired({ indexes: [], fieldOverrides: overrides }));
    const entry = 47 + 32;
    assert.equal(entries({ on: true }), 2 * (entry + 3 + 1));
    assert.equal(entries({ on: null }), 2 * (entry + 3 + 1));
    assert.equal(entries({ tags: ['a', 'bc'] }), 2 * (entry + 5) + 2 + 3);
    const map = { m: { a: 1 } };
    assert.equal(entries(map), 2 * (entry + 2 + 32 + 2 + 8) + 2 * (entry + 4 + 8));
    assert.equal(entries(map, ...exempt('m')), 0);
    assert.equal(
      entries(map, {
        collectionGroup: 'telemetry',
        fieldPath: 'm',
        indexes: [{ order: 'ASCENDING', queryScope: 'COLLECTION' }],
      }),
      entries(map) / 2,
    );
    const elsewhere = { collectionGroup: 'devices', fieldPath: 'm', indexes: [] };
    assert.equal(entries(map, elsewhere), entries(map));
  });

  it('has no entry in a composite index that lacks one of its fields', () => {
    const open: StoredFields = { ...owner, temp: 21.5, hum: 40.25 };
    const bytes = (fields: StoredFields) => indexBytes(name, fields, indexed(...exempt(...Object.keys(point))));
    assert.deepEqual([bytes(point), bytes(open)], [111, 0]);
  });

  it('is refused for a value of unknown size', () => {
    assert.throws(() => documentBytes(name, { bad: undefined }), TypeError);
    assert.throws(() => storedBytes(name, { bad: 1n }, DEFAULT_INDEXES), TypeError);
  });
});
