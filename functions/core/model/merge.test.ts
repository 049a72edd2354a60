import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mergeMetrics } from './merge.ts';
import { canonicalMetrics, parseMetrics } from './point.ts';

const metrics = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'toString'), fc.constantFrom(0, 1, true, false, '', '1'), {
    minKeys: 1,
    noNullPrototype: true,
  })
  .map(canonicalMetrics);

describe('merging a point with what is stored at its instant', () => {
  it('stores it when there is nothing', () => {
    assert.deepEqual(mergeMetrics(undefined, '{"a":1}', false), { kind: 'store', metrics: '{"a":1}' });
  });

  it('tells a part of what is stored from something new', () => {
    assert.deepEqual(mergeMetrics('{"a":1,"b":2}', '{"b":2}', false), { kind: 'duplicate' });
    assert.deepEqual(mergeMetrics('{"b":2}', '{"a":1}', false), { kind: 'store', metrics: '{"a":1,"b":2}' });
    assert.deepEqual(mergeMetrics('{"a":1}', '{"toString":1}', false), {
      kind: 'store',
      metrics: '{"a":1,"toString":1}',
    });
  });

  it('names the metric that has another value, type included', () => {
    assert.deepEqual(mergeMetrics('{"a":1,"b":2}', '{"b":"2","c":3}', false), { kind: 'conflict', name: 'b' });
    assert.deepEqual(mergeMetrics('{"a":false}', '{"a":0}', false), { kind: 'conflict', name: 'a' });
  });

  it('replaces values when asked to', () => {
    assert.deepEqual(mergeMetrics('{"a":1,"b":2}', '{"a":3}', true), { kind: 'store', metrics: '{"a":3,"b":2}' });
    assert.deepEqual(mergeMetrics('{"a":1}', '{"a":1}', true), { kind: 'duplicate' });
  });

  it('never makes a point of more than 64 metrics', () => {
    const names = (from: number, count: number) =>
      canonicalMetrics(Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${from + i}`, 1])));
    assert.deepEqual(mergeMetrics(names(0, 64), names(32, 32), false), { kind: 'duplicate' });
    assert.deepEqual(mergeMetrics(names(0, 64), names(32, 33), true), { kind: 'too_many' });
    assert.equal(mergeMetrics(names(0, 32), names(32, 32), false).kind, 'store');
  });

  it('changes nothing the second time, and loses nothing stored unless asked to', () => {
    fc.assert(
      fc.property(metrics, metrics, fc.boolean(), (existing, incoming, overwrite) => {
        const merge = mergeMetrics(existing, incoming, overwrite);
        if (merge.kind === 'conflict') {
          assert.equal(overwrite, false);
          return;
        }
        const stored = merge.kind === 'store' ? merge.metrics : existing;
        assert.deepEqual(mergeMetrics(stored, incoming, overwrite), { kind: 'duplicate' });
        const [before, sent] = [parseMetrics(existing), parseMetrics(incoming)];
        assert.deepEqual(parseMetrics(stored), overwrite ? { ...before, ...sent } : { ...sent, ...before });
      }),
    );
  });
});
