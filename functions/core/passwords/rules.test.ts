import assert from 'node:assert/strict';
import { NewPassword, TriedPassword } from './rules.ts';

const may = (rule: typeof NewPassword, text: string): boolean => rule.safeParse(text).success;

describe('password rules', () => {
  it('count bytes of UTF-8, from 12 to 1,024, when one is set', () => {
    assert.ok(!may(NewPassword, 'x'.repeat(11)) && may(NewPassword, 'x'.repeat(12)));
    assert.ok(may(NewPassword, '🔑'.repeat(3)) && !may(NewPassword, 'ééééé'));
    assert.ok(may(NewPassword, 'x'.repeat(1_024)) && !may(NewPassword, 'x'.repeat(1_025)));
    assert.ok(may(NewPassword, '🔑'.repeat(256)) && !may(NewPassword, '🔑'.repeat(257)));
  });

  it('let anything up to 1,024 bytes be tried', () => {
    assert.ok(
      may(TriedPassword, '') && may(TriedPassword, 'x'.repeat(1_024)) && !may(TriedPassword, 'x'.repeat(1_025)),
    );
  });

  it('change nothing', () => {
    const typed = '  Tab\t NUL\0 e\u0301 ';
    assert.equal(NewPassword.parse(typed), typed);
  });

  it('refuse half a surrogate pair, which would be replaced', () => {
    assert.ok(!may(NewPassword, `twelve bytes ${String.fromCharCode(0xd800)}`));
  });
});
