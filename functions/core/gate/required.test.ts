import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concernOf } from './findings.ts';
import { parseRequired, REQUIRED } from './required.ts';

const file = (overrides: object): unknown => ({ indexes: [], fieldOverrides: [], ...overrides });

describe('what must exist in Firestore', () => {
  it('is the file that is deployed', () => {
    const deployed: unknown = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../firestore.indexes.json'), 'utf8'),
    );
    assert.deepEqual(REQUIRED, parseRequired(deployed));
  });

  it('holds up each move of reads by an index and a TTL policy at least', () => {
    for (const concern of ['telemetry', 'audit']) {
      assert(REQUIRED.composites.some(({ collection }) => concernOf(collection) === concern));
      assert(REQUIRED.fields.some(({ collection, ttl }) => ttl && concernOf(collection) === concern));
    }
  });

  it('takes the scope for granted, and reads arrays and TTL policies', () => {
    const { fields } = parseRequired(
      file({
        fieldOverrides: [
          {
            collectionGroup: 'a',
            fieldPath: 'b',
            ttl: true,
            indexes: [{ order: 'DESCENDING' }, { arrayConfig: 'CONTAINS' }],
          },
        ],
      }),
    );
    const indexes = [
      { mode: 'desc', scope: 'COLLECTION' },
      { mode: 'contains', scope: 'COLLECTION' },
    ];
    assert.deepEqual(fields, [{ collection: 'a', path: 'b', ttl: true, indexes }]);
  });

  it('has another version when it has another content', () => {
    const [one, other] = [parseRequired(file({})), parseRequired(file({ indexes: [] }))];
    assert.equal(one.version, other.version);
    assert.notEqual(one.version, REQUIRED.version);
  });

  it('is refused when the gate could not compare it', () => {
    const fields = [
      { fieldPath: 'a', order: 'ASCENDING' },
      { fieldPath: 'b', order: 'ASCENDING' },
    ];
    const index = { collectionGroup: 'c', queryScope: 'COLLECTION', fields };
    parseRequired(file({ indexes: [index] }));
    for (const unread of [
      { ...index, density: 'DENSE' },
      { ...index, fields: [fields[0]] },
      { ...index, fields: [fields[0], { fieldPath: 'v', vectorConfig: { dimension: 3, flat: {} } }] },
    ]) {
      assert.throws(() => parseRequired(file({ indexes: [unread] })), { name: 'ZodError' });
    }
    const textual = { collectionGroup: 'c', fieldPath: 'f', ttl: 'true', indexes: [] };
    assert.throws(() => parseRequired(file({ fieldOverrides: [textual] })), { name: 'ZodError' });
  });
});
