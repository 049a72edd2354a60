import assert from 'node:assert/strict';
import { madeUpPassword, passwordTrouble } from './passwords.ts';

describe('a new password', () => {
  it('is measured in bytes, as the server does', () => {
    assert.match(passwordTrouble('eleven char') ?? '', /1 more/);
    assert.equal(passwordTrouble('twelve chars'), null);
    assert.equal(passwordTrouble('äöüäöü'), null);
    assert.notEqual(passwordTrouble('ä'.repeat(513)), null);
  });

  it('that is made up is long enough, and never the same', () => {
    const made = madeUpPassword();
    assert.match(made, /^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    assert.equal(passwordTrouble(made), null);
    assert.notEqual(madeUpPassword(), made);
  });
});
