import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../paths.ts';
import { renewed } from './command.ts';

describe('docs/cost.md', () => {
  it('shows what its commands print; npm run cost -- --write docs/cost.md puts it there', () => {
    const shown = readFileSync(join(rootDir, 'docs', 'cost.md'), 'utf8');
    assert.equal(shown.match(/<!-- npm run -s cost -- /g)?.length, 3);
    assert.equal(shown, renewed(shown));
  });

  it('would be told from what they no longer print', () => {
    const block = (text: string) => `a\n\n<!-- npm run -s cost -- --table -->${text}<!-- end -->\n\nb\n`;
    const fresh = renewed(block(''));
    assert.match(fresh, /^a\n\n<!-- [^\n]* -->\n\n\| devices [\s\S]*\n\| 1,000,000 [^\n]*\n\n<!-- end -->\n\nb\n$/);
    assert.equal(renewed(block('\n\nold\n\n')), fresh);
    assert.equal(renewed(fresh), fresh);
  });
});
