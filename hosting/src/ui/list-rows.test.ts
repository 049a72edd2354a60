import assert from 'node:assert/strict';
import { joined } from './list-rows.ts';

describe('the rows of a list', () => {
  it('are there once, as the later page has them', () => {
    const idOf = ({ id }: { readonly id: string }): string => id;
    const rows = [{ id: 'a' }, { id: 'z', is_new: true }];
    assert.deepEqual(joined(rows, [{ id: 'b' }, { id: 'z' }], idOf), [{ id: 'a' }, { id: 'b' }, { id: 'z' }]);
  });
});
