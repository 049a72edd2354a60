import assert from 'node:assert/strict';
import { SetupError } from '../errors.ts';
import { stackOf } from './error-text.ts';

/** What nobody must read in a log, in the places where the messages of others have such things. */
const MESSAGES = [
  '5 NOT_FOUND: No document to update: projects/p/databases/(default)/documents/usernames/acme~canary',
  '6 ALREADY_EXISTS: Document already exists: projects/p/databases/(default)/documents/sessions/canary0123',
  'Unexpected token \'c\', "{"password":canary" is not valid JSON',
  `Unexpected token 'c', ..."rd":"it's canary` + '"',
  "The argument 'value' must be a number. Received 'it's canary'",
  'UNIQUE constraint failed: value "canary"',
  'request to https://example.com/v1/login?user=canary failed',
  'cannot open /home/canary/bas.sqlite',
  'no such user canary@example.com',
  'bad header authorization: canary',
  'sent Bearer canary',
  'password=canary rejected',
  'no such thing: canary-7f3a',
  'nobody is called canary%40example.org',
  'key bas_00112233445566778899aabbccddeeff_canary is dead',
  'connect ECONNREFUSED canary:/tmp/x `canary`',
];

describe('what a log tells of an error', () => {
  for (const message of MESSAGES) {
    it(`holds no value: ${message}`, () => {
      const text = stackOf(new Error(message), message.startsWith('connect') ? ['canary'] : []);
      assert.doesNotMatch(text, /canary/i);
      assert.match(text, /^Error: \w+[^]*\n {4}at .*error-text\.test\.ts:\d+:\d+\)?$/m);
    });
  }

  it('holds no address', () => {
    for (const address of ['203.0.113.77', '203.0.113.77:443', '2001:db8::77', '::ffff:203.0.113.77', 'fe80::1']) {
      assert.equal(stackOf(new Error(`read from ${address} failed`)).split('\n')[0], 'Error: read from … failed');
    }
  });

  it('keeps the words that say what is wrong', () => {
    for (const text of [
      '14 UNAVAILABLE: No connection established.',
      '9 FAILED_PRECONDITION: The query requires an index.',
      '4 DEADLINE_EXCEEDED: Deadline exceeded after 5.0 s',
      'SQLITE_BUSY: database is locked',
      "Cannot read properties of undefined, which doesn't help",
      'at 09:30 it stopped',
    ]) {
      assert.equal(stackOf(new Error(text)).split('\n')[0], `Error: ${text}`);
    }
  });

  it('takes out what was sent, wherever it stands, even in the name and in lines that pose as places', () => {
    const error = new Error('nobody is called\n    at canary (/srv/canary.ts:1:1)\n    at other (file:///x.ts:2:2)');
    error.name = 'canaryError';
    const text = stackOf(error, ['canary', 'is']);
    assert.doesNotMatch(text, /canar/i);
    assert.match(text, /^…Error: nobody is called at … \(\/…\) at other \(file:\/…\)?\n {4}at Context/);
  });

  it('takes no code for one that could be a value', () => {
    const error = Object.assign(new Error('strange'), { code: 'canary code' });
    assert.match(stackOf(error), /^Error: strange\n/);
  });

  it('tells causes and codes, and no more of what is no error than its kind', () => {
    const cause = Object.assign(new Error('deeper'), { code: 'SQLITE_FULL' });
    const text = stackOf(new Error('above', { cause: new Error('middle', { cause }) }));
    assert.match(text, /^Error: above\n[^]*\ncaused by Error: middle\n[^]*\ncaused by Error: \[SQLITE_FULL\] deeper\n/);
    assert.equal(stackOf('canary'), 'a thrown string');
  });

  it('leaves what we say of the configuration as it is', () => {
    const told = "SQLITE_FILE: '/data/bas.sqlite' cannot be opened";
    assert.ok(stackOf(new SetupError(told)).startsWith(`SetupError: ${told}\n`));
  });

  it('ends in time and within bounds', () => {
    for (const unit of ['a', '"', "'", '1.', ':', '@', 'a/', 'key=', 'a@ ']) {
      const started_ms = performance.now();
      const text = stackOf(new Error(unit.repeat(100_000)));
      assert.ok(performance.now() - started_ms < 200, unit);
      assert.ok(text.length < 8_000, unit);
    }
  });
});
