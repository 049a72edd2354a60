import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { csvText } from './csv.ts';

describe('comma-separated values', () => {
  it('are told apart whatever is in them', () => {
    const row = ['a,b', 'say "no"', 'two\r\nlines', '', 'plain'];
    const text = csvText([row]);
    assert.ok(text.startsWith('\uFEFF"a,b","say ""no""","two\r\nlines",,plain'));
    assert.deepEqual(parse(text, { bom: true }), [row]);
  });

  it('hold no text that a spreadsheet would compute, and leave numbers alone', () => {
    const text = csvText([['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', -1.5, 1e21, true, null]]);
    assert.equal(text, `\uFEFF'=1+1,'+1,'-1,'@SUM(A1),'\tx,"'\rx",-1.5,1e+21,true,\r\n`);
  });

  it('hold no formula either where semicolons, tabs or lines end a cell, or written at full width', () => {
    const row = ['x;=HYPERLINK("a")', 'x;"=1"', 'x\t+1', 'two\r\n-lines', '＝1', '＠SUM', ' =1', 'a;b', 'a=1', 'a-b'];
    const guarded = [
      `x;'=HYPERLINK("a")`,
      `x;'"=1"`,
      "x\t'+1",
      "two\r\n'-lines",
      "'＝1",
      "'＠SUM",
      "' =1",
      'a;b',
      'a=1',
      'a-b',
    ];
    assert.deepEqual(parse(csvText([row]), { bom: true }), [guarded]);
  });
});
