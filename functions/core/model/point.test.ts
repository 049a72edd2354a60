import fc from 'fast-check';
import assert from 'node:assert/strict';
import {
  MAX_METRICS_PER_POINT,
  canonicalMetrics,
  isMetrics,
  isMetricsText,
  metricsFault,
  parseMetrics,
} from './point.ts';

const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.:-]{0,20}$/).filter((name) => name !== '__proto__');
const values = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.boolean(),
  fc.string({ maxLength: 60, unit: 'binary' }),
);
const metrics = fc.dictionary(names, values, { minKeys: 1, maxKeys: 12, noNullPrototype: true });

describe('canonical metrics', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(metrics, (original) => {
        assert.deepEqual(parseMetrics(canonicalMetrics(original)), original);
      }),
    );
  });

  it('are told from what is none, in whatever form somebody wrote them', () => {
    fc.assert(
      fc.property(metrics, (original) => {
        assert(isMetricsText(canonicalMetrics(original)));
        assert(isMetricsText(JSON.stringify(original, null, 2)));
      }),
    );
    for (const text of ['', '{', '{}', '[]', 'null', '5', '{"a":01}', '{"a":1}x', '{"a":{"b":1}}', '{"a":null}']) {
      assert(!isMetricsText(text), text);
    }
  });

  it('are no text of which one sign was changed, unless that is JSON too', () => {
    const sign = fc.constantFrom(...Array.from('{}[]",:\\019-+.e tu\n'));
    fc.assert(
      fc.property(metrics, fc.nat(), fc.option(sign), (original, place, instead) => {
        const text = canonicalMetrics(original);
        const at = place % text.length;
        const changed = text.slice(0, at) + (instead ?? '') + text.slice(at + 1);
        if (isMetricsText(changed)) assert.equal(typeof JSON.parse(changed), 'object');
      }),
      { numRuns: 5_000 },
    );
  });

  it('are the same text whatever the order of the names', () => {
    fc.assert(
      fc.property(metrics, (original) => {
        const reversed = Object.fromEntries(Object.entries(original).reverse());
        assert.equal(canonicalMetrics(reversed), canonicalMetrics(original));
        assert.equal(canonicalMetrics(parseMetrics(canonicalMetrics(original))), canonicalMetrics(original));
      }),
    );
  });

  it('write -0 as 0, integer-like names in their place and inherited names literally', () => {
    assert.equal(canonicalMetrics({ b: -0, a: 1e21 }), '{"a":1e+21,"b":0}');
    assert.equal(canonicalMetrics({ toString: true, hasOwnProperty: 'x' }), '{"hasOwnProperty":"x","toString":true}');
  });
});

describe('metrics that may be stored', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));

  it('have 1 to 64 names, finite numbers, booleans and strings of 256 bytes', () => {
    const good = [
      { a: 0 },
      { _: false },
      { 'a.b:c-d_9': '' },
      { text: 'é'.repeat(128) },
      { toString: 1, hasOwnProperty: 2 },
      { ['x'.repeat(64)]: -1e308 },
      many(MAX_METRICS_PER_POINT),
    ];
    for (const one of good) assert.equal(metricsFault(one), null, JSON.stringify(one));
    assert(good.every(isMetrics));
  });

  it('are nothing else', () => {
    const bad: Readonly<Record<string, unknown>>[] = [
      {},
      many(MAX_METRICS_PER_POINT + 1),
      { '': 1 },
      { '1a': 1 },
      { 'a b': 1 },
      { 'a/b': 1 },
      { 'a`b': 1 },
      { ä: 1 },
      { 'a\n': 1 },
      { ['x'.repeat(65)]: 1 },
      { constructor: 1 },
      { prototype: 1 },
      JSON.parse('{"__proto__": 1}') as Record<string, unknown>,
      { a: null },
      { a: undefined },
      { a: Number.NaN },
      { a: Number.POSITIVE_INFINITY },
      { a: 1n },
      { a: [1] },
      { a: { b: 1 } },
      { a: 'é'.repeat(129) },
    ];
    for (const one of bad) assert.equal(typeof metricsFault(one), 'string', Object.keys(one).join());
    assert(!bad.some(isMetrics));
  });
});
