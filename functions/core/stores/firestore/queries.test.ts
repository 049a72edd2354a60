import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { QUERY_SHAPES, type QueryShape } from './queries.ts';

interface IndexField {
  readonly fieldPath: string;
  readonly order: 'ASCENDING' | 'DESCENDING';
}

interface IndexFile {
  readonly indexes: readonly { readonly collectionGroup: string; readonly fields: readonly IndexField[] }[];
  readonly fieldOverrides: readonly {
    readonly collectionGroup: string;
    readonly fieldPath: string;
    readonly indexes: readonly { readonly order?: string }[];
  }[];
}

const ROOT = join(import.meta.dirname, '../../../..');
const file = JSON.parse(readFileSync(join(ROOT, 'firestore.indexes.json'), 'utf8')) as IndexFile;

const shapes = Object.entries<QueryShape>(QUERY_SHAPES);
const directionOf = (direction: 'asc' | 'desc') => (direction === 'asc' ? 'ASCENDING' : 'DESCENDING');

/** The composite index that `shape` needs; null when single-field indexes, merged, can answer it. */
function compositeFor({ equal, range, order }: QueryShape): string | null {
  const sorted = order.filter(([field]) => field !== '__name__');
  if (range !== undefined) assert.equal(sorted[0]?.[0], range, 'a range must be sorted by its own field');
  if (sorted.length === 0 || (equal.length === 0 && sorted.length === 1)) return null;
  const fields = [...equal.map((field) => `${field} ASCENDING`)].sort();
  return [...fields, ...sorted.map(([field, direction]) => `${field} ${directionOf(direction)}`)].join(', ');
}

/** As Firestore takes them: fields compared with `==` may come in any order. */
function composites(collection: string, equalities: number): string[] {
  return file.indexes
    .filter(({ collectionGroup }) => collectionGroup === collection)
    .map(({ fields }) => {
      const names = fields.map(({ fieldPath, order }) => `${fieldPath} ${order}`);
      return [...names.slice(0, equalities).sort(), ...names.slice(equalities)].join(', ');
    });
}

function hasSingle(collection: string, field: string, order: string): boolean {
  const override = file.fieldOverrides.find(
    ({ collectionGroup, fieldPath }) => collectionGroup === collection && fieldPath === field,
  );
  return override === undefined || override.indexes.some((index) => index.order === order);
}

describe('Firestore queries', () => {
  for (const [name, shape] of shapes) {
    it(`${name} has its index`, () => {
      const needed = compositeFor(shape);
      if (needed !== null) {
        assert(composites(shape.collection, shape.equal.length).includes(needed), `missing: ${needed}`);
        return;
      }
      const sorted = shape.order.filter(([field]) => field !== '__name__');
      const singles = [
        ...shape.equal.map((field) => [field, 'ASCENDING'] as const),
        ...sorted.map(([field, direction]) => [field, directionOf(direction)] as const),
      ];
      for (const [field, order] of singles) assert(hasSingle(shape.collection, field, order), `${field} ${order}`);
    });

    it(`${name} sorts the document id like the field before it`, () => {
      const [last, before] = [shape.order.at(-1), shape.order.at(-2)];
      if (last?.[0] === '__name__' && before !== undefined) assert.equal(last[1], before[1]);
    });
  }

  it('has no composite index that no query uses', () => {
    const needed = shapes.map(([, shape]) => `${shape.collection}: ${compositeFor(shape)}`);
    for (const { collectionGroup, fields } of file.indexes) {
      const [index] = composites(collectionGroup, fields.length - 1).filter((text) =>
        fields.every(({ fieldPath }) => text.includes(fieldPath)),
      );
      assert(needed.includes(`${collectionGroup}: ${index}`), `${collectionGroup}: ${index}`);
    }
  });

  it('leave unindexed what every write changes and what nobody should look for', () => {
    const named = new Set(
      shapes.flatMap(([, { collection, equal }]) => equal.map((field) => `${collection}.${field}`)),
    );
    for (const [collection, field] of [
      ['telemetry', 'points'],
      ['telemetry', 'bytes'],
      ['telemetry', 'budget'],
      ['usage', 'functions'],
      ['usage', 'devices'],
      ['users', 'password_hash'],
      ['users', 'algo_params'],
    ] as const) {
      assert(!hasSingle(collection, field, 'ASCENDING') && !hasSingle(collection, field, 'DESCENDING'), field);
      assert(!named.has(`${collection}.${field}`), `${field} is asked for`);
    }
  });

  it('are built in queries.ts and sent in documents.ts alone', () => {
    const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !['raw.ts', 'harness.ts'].includes(path),
    );
    const having = (pattern: RegExp) =>
      sources.filter((path) => pattern.test(readFileSync(join(import.meta.dirname, path), 'utf8'))).sort();
    assert.deepEqual(having(/\.(where|orderBy|startAfter|collectionGroup)\(/), ['queries.ts']);
    assert.deepEqual(having(/buildQuery\(|\.runTransaction\(|\.batch\(\)/), ['documents.ts', 'queries.ts']);
  });
});
