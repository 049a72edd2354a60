import assert from 'node:assert/strict';
import argon2 from 'argon2';
import { Problem } from '../errors.ts';
import type { AlgoParams } from '../model/entities.ts';
import { createPasswords } from './passwords.ts';
import { DUMMY_HASH, TODAY, usableParams } from './stored-hash.ts';

const passwords = createPasswords();
const stored = (password_hash: string, algo_params: AlgoParams = TODAY) => ({ password_hash, algo_params });

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

describe('passwords', () => {
  it('are hashed by today’s parameters with a salt of their own', async () => {
    const [one, two] = [await passwords.hash('same password'), await passwords.hash('same password')];
    assert.match(one.password_hash, /^\$argon2id\$v=19\$m=65536,p=1,t=3\$/);
    assert.deepEqual(one.algo_params, TODAY);
    assert.notEqual(one.password_hash.split('$')[4], two.password_hash.split('$')[4]);
  });

  it('are taken exactly as typed', async () => {
    const typed = ' Pa\0ss e\u0301 🔑 ';
    const hash = await passwords.hash(typed);
    assert.deepEqual(await passwords.verify(typed, hash), { kind: 'right', outdated: false });
    for (const other of [typed.trim(), typed.normalize('NFC'), ' Pa', typed.toLowerCase()]) {
      assert.deepEqual(await passwords.verify(other, hash), { kind: 'wrong' });
    }
  });

  it('are not cut short at any length', async () => {
    const longest = 'x'.repeat(1_024);
    const hash = await passwords.hash(longest);
    assert.equal((await passwords.verify(longest, hash)).kind, 'right');
    assert.equal((await passwords.verify(`${longest.slice(0, -1)}y`, hash)).kind, 'wrong');
  });

  it('tell when a hash is outdated, and pad the answer of a cheap one', async () => {
    const cheap = await argon2.hash('old password', { memoryCost: 8_192, timeCost: 2, parallelism: 1 });
    const old: AlgoParams = { ...TODAY, memory_kib: 8_192, time_cost: 2 };
    assert.deepEqual(await passwords.verify('old password', stored(cheap, old)), { kind: 'right', outdated: true });
    const wrong_ms = await milliseconds(() => passwords.verify('guess', stored(cheap, old)));
    const unknown_ms = await milliseconds(() => passwords.verify('guess', null));
    assert.ok(wrong_ms > unknown_ms / 2, `${String(wrong_ms)} ms against ${String(unknown_ms)} ms`);
  });

  it('refuse nobody as slowly as a hash that took more work than today’s', async () => {
    const mixed = createPasswords();
    const dear = await argon2.hash('old password', { memoryCost: 65_536, timeCost: 10, parallelism: 1 });
    const params: AlgoParams = { ...TODAY, time_cost: 10 };
    const dear_ms = await milliseconds(() => mixed.verify('guess', stored(dear, params)));
    const unknown_ms = await milliseconds(() => mixed.verify('guess', null));
    assert.ok(unknown_ms > 0.8 * dear_ms, `${String(unknown_ms)} ms against ${String(dear_ms)} ms`);
  });

  it('do the same work for nobody and for a hash that cannot be read, and answer wrong', async () => {
    const real = await passwords.hash('right password');
    const real_ms = await milliseconds(() => passwords.verify('guess', real));
    for (const hash of [null, stored('md5$$5f4dcc3b'), stored('')]) {
      const spent_ms = await milliseconds(async () => {
        assert.deepEqual(await passwords.verify('guess', hash), { kind: 'wrong' });
      });
      assert.ok(spent_ms > real_ms / 2, `${String(spent_ms)} ms against ${String(real_ms)} ms`);
    }
  });

  it('refuse more than may wait', async () => {
    const narrow = createPasswords({ running: 1, waiting: 1 });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => narrow.verify('guess', null)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    assert.equal(refused.length, 1);
    const [problem] = refused;
    assert.ok(problem instanceof Problem && problem.code === 'overloaded' && problem.retry_after_s !== undefined);
  });
});

describe('a stored hash', () => {
  const salt = 'W8pEnv3lGdESgW3QVQ6Icg';
  const hash = 'En32UJRukTxTF56b/a4Uj42Pej62BQWSD2lDBGuuu1I';

  it('of nobody is by today’s parameters', () => {
    assert.deepEqual(usableParams(stored(DUMMY_HASH)), TODAY);
  });

  it('may name its parameters in any order', () => {
    assert.deepEqual(usableParams(stored(`$argon2id$v=19$t=3,m=65536,p=1$${salt}$${hash}`)), TODAY);
  });

  for (const [why, text] of [
    ['too much memory', `$argon2id$v=19$m=4194304,t=3,p=1$${salt}$${hash}`],
    ['too many passes', `$argon2id$v=19$m=65536,t=9999999,p=1$${salt}$${hash}`],
    ['too many lanes', `$argon2id$v=19$m=65536,t=3,p=64$${salt}$${hash}`],
    ['no memory', `$argon2id$v=19$m=0,t=3,p=1$${salt}$${hash}`],
    ['a parameter twice', `$argon2id$v=19$m=65536,m=65536,p=1$${salt}$${hash}`],
    ['another version', `$argon2id$v=16$m=65536,t=3,p=1$${salt}$${hash}`],
    ['another kind', `$argon2i$v=19$m=65536,t=3,p=1$${salt}$${hash}`],
    ['a hash of no whole number of bytes', `$argon2id$v=19$m=65536,t=3,p=1$${salt}$${hash.slice(0, 41)}`],
    ['a short salt', `$argon2id$v=19$m=65536,t=3,p=1$abc$${hash}`],
    ['something after it', `$argon2id$v=19$m=65536,t=3,p=1$${salt}$${hash}\n`],
  ] as const) {
    it(`is not tried with ${why}`, () => assert.equal(usableParams(stored(text)), null));
  }
});
