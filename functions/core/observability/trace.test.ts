import assert from 'node:assert/strict';
import { maskedUsername } from './mask.ts';
import { isSampled } from './sampling.ts';
import { traceOf } from './trace.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const read = (headers: Record<string, string>, project?: string) => traceOf((name) => headers[name], project);
const w3c = (traceparent: string) => read({ traceparent });
const cloud = (context: string) => read({ 'x-cloud-trace-context': context });

describe('trace', () => {
  it('is what traceparent says, in the project', () => {
    const trace = { trace: `projects/p/traces/${TRACE}`, span_id: SPAN, sampled: true };
    assert.deepEqual(read({ traceparent: `00-${TRACE}-${SPAN}-01` }, 'p'), trace);
    assert.deepEqual(w3c(`00-${TRACE}-${SPAN}-00`), { trace: TRACE, span_id: SPAN, sampled: false });
    assert.deepEqual(w3c(`01-${TRACE}-${SPAN}-03-more`), { trace: TRACE, span_id: SPAN, sampled: true });
  });

  it('else what X-Cloud-Trace-Context says, its span in decimal or in hex', () => {
    assert.deepEqual(cloud(`${TRACE}/255;o=1`), { trace: TRACE, span_id: '00000000000000ff', sampled: true });
    assert.deepEqual(cloud(`${TRACE.toUpperCase()}/${SPAN};o=0`), { trace: TRACE, span_id: SPAN, sampled: false });
    assert.deepEqual(cloud(TRACE), { trace: TRACE, span_id: undefined, sampled: undefined });
    assert.equal(cloud(`${TRACE}/18446744073709551615`)?.span_id, 'ffffffffffffffff');
    const both = { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-cloud-trace-context': `${'f'.repeat(32)}/1` };
    assert.equal(read(both)?.trace, TRACE);
    assert.equal(read({ ...both, traceparent: 'nonsense' })?.trace, 'f'.repeat(32));
  });

  it('is none when a header is not as its standard has it', () => {
    for (const text of [
      '',
      `00-${TRACE}-${SPAN}`,
      `00-${TRACE}-${SPAN}-01-more`,
      `ff-${TRACE}-${SPAN}-01`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
      `01-${TRACE}-${SPAN}-01-${'x'.repeat(100)}`,
    ]) {
      assert.equal(w3c(text), undefined, text);
    }
    for (const text of ['', 'canary', `${TRACE}/`, `${TRACE}/12x`, `${TRACE};o=9`, `x${TRACE}`, `${TRACE}/1;o=1\n`]) {
      assert.equal(cloud(text), undefined, text);
    }
    assert.equal(cloud(`${TRACE}/18446744073709551616`)?.span_id, undefined);
  });
});

describe('a masked username', () => {
  it('shows the first character and about how long it is', () => {
    assert.deepEqual(['', 'a', 'ab', 'ada', 'grace', 'augustaada', 'x'.repeat(17), '😀😀😀'].map(maskedUsername), [
      '*** (1-2)',
      '*** (1-2)',
      '*** (1-2)',
      'a*** (3-4)',
      'g*** (5-8)',
      'a*** (9-16)',
      'x*** (17 or more)',
      '😀*** (3-4)',
    ]);
  });
});

describe('sampling', () => {
  it('takes the share of requests that is asked for, by their id', () => {
    const ids = Array.from({ length: 4_000 }, () => crypto.randomUUID());
    const share = (percent: number): number => ids.filter((id) => isSampled(id, percent)).length / ids.length;
    assert.deepEqual([share(0), share(100)], [0, 1]);
    assert.ok(Math.abs(share(10) - 0.1) < 0.03, String(share(10)));
    assert.ok(ids.every((id) => isSampled(id, 10) === isSampled(id, 10)));
  });
});
