import fc from 'fast-check';
import assert from 'node:assert/strict';
import * as z from 'zod';
import { Problem } from '../errors.ts';
import { decodeCursor, encodeCursor, type CursorScope } from './cursor.ts';

const Place = z.object({ before_ms: z.number().int() });
const scope: CursorScope = {
  tenant_id: 'acme',
  function: 'recentTelemetry',
  query: { device_id: 'boiler-1', limit: 100, metrics: undefined },
};
const place = { before_ms: 1_773_739_470_000 };

function refused(other: CursorScope, cursor: string): void {
  assert.throws(
    () => decodeCursor(other, Place, cursor),
    (error) => error instanceof Problem && error.code === 'invalid_cursor',
  );
}

describe('a cursor', () => {
  it('brings its place back to the query it was made for', () => {
    assert.deepEqual(decodeCursor(scope, Place, encodeCursor(scope, place)), place);
  });

  it('does not mind the order of parameters, nor those that are not set', () => {
    const same = { ...scope, query: { limit: 100, device_id: 'boiler-1', cursor: undefined } };
    assert.deepEqual(decodeCursor(same, Place, encodeCursor(scope, place)), place);
  });

  it('is refused by any other tenant, function or query', () => {
    const cursor = encodeCursor(scope, place);
    const others: CursorScope[] = [
      { ...scope, tenant_id: 'globex' },
      { ...scope, function: 'windowTelemetry' },
      { ...scope, query: { ...scope.query, device_id: 'boiler-2' } },
      { ...scope, query: { ...scope.query, limit: 99 } },
      { ...scope, query: { ...scope.query, limit: '100' } },
      { ...scope, query: { ...scope.query, metrics: 'temp' } },
      { ...scope, query: {} },
    ];
    for (const other of others) refused(other, cursor);
  });

  it('is refused when it holds another kind of place, or is padded, huge or nonsense', () => {
    const cursor = encodeCursor(scope, place);
    refused(scope, encodeCursor(scope, { before_ms: 'yesterday' }));
    refused(scope, encodeCursor(scope, null));
    for (const bad of ['', ' ', `${cursor}=`, `${cursor}A`, ` ${cursor}`, 'é', 'x'.repeat(5_000)]) refused(scope, bad);
  });

  it('never fails in another way, whatever is sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        refused(scope, text);
      }),
    );
  });

  it('is refused when any of its characters is changed', () => {
    const cursor = encodeCursor(scope, place);
    // Only characters of the version and the digest: the place itself is a filter, and any place may be asked for.
    const placeLength = Buffer.from(JSON.stringify(place)).toString('base64url').length;
    const protectedLength = cursor.length - placeLength - 4;
    for (let i = 0; i < protectedLength; i += 1) {
      const other = cursor[i] === 'A' ? 'B' : 'A';
      refused(scope, cursor.slice(0, i) + other + cursor.slice(i + 1));
    }
  });
});
