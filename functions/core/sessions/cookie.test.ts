import assert from 'node:assert/strict';
import { systemIds } from '../ids.ts';
import { clearSessionCookie, readSessionToken, setSessionCookie } from './cookie.ts';

const token = systemIds.secret();

describe('the session cookie', () => {
  it('is read among others', () => {
    assert.equal(readSessionToken(`theme=dark; __session=${token}; x=1`), token);
  });

  for (const [what, header] of [
    ['no cookie at all', undefined],
    ['another name', `session=${token}`],
    ['two of them', `__session=${token}; __session=${token}`],
    ['two headers, joined as the adapter joins them', `__session=${token}, __session=${token}`],
    ['a value of another shape', '__session=abc'],
    ['a value that goes on', `__session=${token}A`],
    ['a quoted value', `__session="${token}"`],
    ['5 KB of cookies', `__session=${token}; pad=${'x'.repeat(5_000)}`],
  ] as const) {
    it(`is not taken from ${what}`, () => assert.equal(readSessionToken(header), null));
  }

  it('has the attributes that keep it to this site and away from scripts', () => {
    assert.equal(setSessionCookie('T'), '__session=T; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax');
    assert.equal(clearSessionCookie(), '__session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax');
  });
});
