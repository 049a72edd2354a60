import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JsonRefused, parseStrictJson } from './strict-json.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

describe('strict JSON', () => {
  it('reads whatever JSON.stringify writes, equal to JSON.parse', () => {
    const safe = fc
      .jsonValue({ maxDepth: 4, noUnicodeString: false })
      .filter((value) => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(safe, (value) => {
        const text = JSON.stringify(value);
        if (/[0-9]{16,}|e\+/.test(text)) return;
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
    );
  });

  for (const [name, text] of Object.entries({
    'a duplicate key': '{"a":1,"a":1}',
    'a duplicate key spelt with an escape': '{"a":1,"\\u0061":2}',
    __proto__: '{"__proto__":{}}',
    'an escaped __proto__': '{"\\u005f_proto__":{}}',
    constructor: '{"x":{"constructor":1}}',
    'an integer that would be rounded': '[9007199254740993]',
    'a 20 digit integer': '[12345678901234567890]',
    'a large integer written with an exponent': '[1e20]',
    overflow: '[1e999]',
    'underflow to zero': '[-1e-400]',
    'more than 1,000 keys in one object': `{${Array.from({ length: 1_001 }, (_unused, at) => `"k${String(at)}":1`).join(',')}}`,
    'more than 100,000 values': `[${'0,'.repeat(100_000)}0]`,
    NaN: '[NaN]',
    Infinity: '[-Infinity]',
    'a leading zero': '[01]',
    'a leading plus': '[+1]',
    'a bare point': '[1.]',
    'a trailing comma': '[1,]',
    'a missing comma': '[1 2]',
    'a comment': '[1/*x*/]',
    'something after the value': '{} {}',
    'an unfinished object': '{"a":1',
    'a raw newline in a string': '["a\nb"]',
    'half a surrogate pair': '["\\ud800"]',
    'an unknown escape': '["\\x41"]',
    nothing: '',
    'a byte order mark': '\ufeff{}',
    'a value nested too deep': `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  })) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parse(text), JsonRefused);
    });
  }

  it('refuses bytes that are not UTF-8', () => {
    assert.throws(() => parseStrictJson(Uint8Array.from([0x22, 0xff, 0x22])), JsonRefused);
  });

  it('keeps 2^53 and turns -0 into 0', () => {
    assert.deepEqual(parse('[9007199254740992,-9007199254740992,9007199254740991]'), [
      2 ** 53,
      -(2 ** 53),
      2 ** 53 - 1,
    ]);
    for (const zero of ['-0', '0e5', '-0.00']) assert.ok(Object.is((parse(`[${zero}]`) as number[])[0], 0));
  });

  it('reads as many values as the largest request has', () => {
    const metrics = `{${Array.from({ length: 64 }, (_unused, at) => `"m${String(at)}":0`).join(',')}}`;
    const points = `[${Array<string>(1_000).fill(`{"timestamp_ms":0,"metrics":${metrics}}`).join(',')}]`;
    assert.equal((parse(points) as unknown[]).length, 1_000);
  });

  it('reads one string of a mebibyte', () => {
    const text = 'x'.repeat(1_048_574);
    assert.equal(parse(`"${text}"`), text);
  });
});
