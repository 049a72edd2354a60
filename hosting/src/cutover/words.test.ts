import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { onThePage } from './words.ts';

describe('the words of a refusal on the page', () => {
  it('name no option of the command line that the page has', () => {
    const source = readFileSync(new URL('../../../functions/core/cutover/moves.ts', import.meta.url), 'utf8');
    const told = [...source.matchAll(/['`](.*?(?:npm run cutover|--min-green|--waive-older).*?)['`]/g)].map(
      ([, text = '']) => text,
    );
    assert.ok(told.length >= 5);
    for (const text of told) assert.doesNotMatch(onThePage(text), /npm run cutover|--min-green|--waive-older/, text);
    assert.match(onThePage('to go on all the same, say --emulator.'), /under Options/);
  });

  it('leave the rest as it is', () => {
    assert.equal(onThePage('telemetry is on dual.'), 'telemetry is on dual.');
  });
});
