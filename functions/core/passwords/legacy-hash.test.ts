import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import bcrypt from 'bcryptjs';
import * as z from 'zod';
import type { PasswordHash } from '../model/entities.ts';
import { readFastHash, readLegacyHash } from './legacy-hash.ts';
import { createPasswords } from './passwords.ts';

const Vectors = z.array(z.object({ password: z.string(), hash: z.string(), expect: z.string() }));
type Vector = z.infer<typeof Vectors>[number];

const vector = (hash: string, expected: string): Vector => ({ password: 'correct horse', hash, expect: expected });
const HEX_32 = 'c163ea9c04af216f03333007e29a34ff21aaf514281c5f0cba342957f67947b9';
const SCRYPT_HEX =
  'd755720746e1a45d098780f426efa2d0a7b7fd4290c19dafc3869db75ac661b4c16108c2c998bd762421d6f5b422699d540b223dab56b3955bfde883b7e14933';

const OWN: readonly Vector[] = [
  vector(`pbkdf2:sha256:1000$aB3dE5gH$${HEX_32}`, 'ok'),
  vector('pbkdf2:sha1:1000$aB3dE5gH$16552d5071016be3e37e9575d5f08da81ce162a5', 'ok'),
  vector(`scrypt:1024:8:1$aB3dE5gH1234abcd$${SCRYPT_HEX}`, 'ok'),
  vector('$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e', 'ok'),
  vector('$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e', 'ok'),
  vector('$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e', 'ok'),
  vector('md5$aB3dE5gH$75fbacdeaf6d377236d38a8d92ac4c94', 'policy:salted-fast'),
  vector('sha1$aB3dE5gH$95d6331b5a24870ca5584c0736933a0e2eb32f4f', 'policy:salted-fast'),
  vector('md5$$3cb4e732631f47e6eb961f34554b7cde', 'block:unsalted'),
  vector(`pbkdf2:sha256:1000$$${HEX_32}`, 'block:unsalted'),
  vector('3cb4e732631f47e6eb961f34554b7cde', 'block:bare-hex'),
  vector('plain$$correct horse', 'block:plain'),
  vector(`pbkdf2:sha256$aB3dE5gH$${HEX_32}`, 'block:no-iterations'),
  vector(`pbkdf2:sha256:1000$aB3dE5gH$${HEX_32.slice(1)}`, 'bad:truncated'),
  vector(`pbkdf2:sha256:1000$aB3dE5gH$${HEX_32.slice(2)}zz`, 'bad:truncated'),
  vector('$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6', 'bad:truncated'),
  vector(`pbkdf2:sha256:999999999$s$${HEX_32}`, 'block:params'),
  vector(`pbkdf2:sha256:1$s$${HEX_32}`, 'block:params'),
  vector(`pbkdf2:sha256:1e3$s$${HEX_32}`, 'block:params'),
  vector(`scrypt:1073741824:8:1$s$${SCRYPT_HEX}`, 'block:params'),
  vector(`scrypt:1024:8:1000$s$${SCRYPT_HEX}`, 'block:params'),
  vector(`scrypt:1023:8:1$s$${SCRYPT_HEX}`, 'block:params'),
  // What OpenSSL refuses: a cost beyond its block size, and more memory than the cost alone asks for.
  vector(`scrypt:65536:1:1$s$${SCRYPT_HEX}`, 'block:params'),
  vector(`scrypt:2:524288:1$s$${SCRYPT_HEX}`, 'block:params'),
  vector(`scrypt:2:524288:4$s$${SCRYPT_HEX}`, 'block:params'),
  vector('$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e', 'block:params'),
  // Made by a release of bcrypt that got some characters wrong.
  vector('$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e', 'block:unknown'),
  vector('correct horse', 'block:unknown'),
  vector('$6$salt$abcdefgh', 'block:unknown'),
  vector('', 'block:empty'),
];

const SHARED = join(resolve(import.meta.dirname, '../../..'), '..', 'shared', 'data', 'legacy-hashes', 'vectors.json');
const vectors = existsSync(SHARED) ? [...OWN, ...Vectors.parse(JSON.parse(readFileSync(SHARED, 'utf8')))] : [...OWN];

/** A hash as a store would hold it, whether or not a migration would have let it in. */
function stored(password_hash: string): PasswordHash {
  const read = readLegacyHash(password_hash);
  return { password_hash, algo_params: { algorithm: 'hash' in read ? read.hash.algorithm : 'pbkdf2' } };
}

describe('a legacy hash', function () {
  this.timeout(60_000);
  const passwords = createPasswords();

  for (const { password, hash, expect } of vectors) {
    it(`${hash.slice(0, 40)} of ${hash.length} characters: ${expect}`, async () => {
      const read = readLegacyHash(hash);
      const [kind, reason] = expect.split(':');
      assert.equal('hash' in read ? 'ok' : read.fault, kind === 'ok' ? 'ok' : reason);
      const right = kind === 'ok' ? { kind: 'right', outdated: true } : { kind: 'wrong' };
      assert.deepEqual(await passwords.verify(password, stored(hash)), right);
      assert.deepEqual(await passwords.verify(`${password}!`, stored(hash)), { kind: 'wrong' });
    });
  }

  it('that is fast but salted is right only for a user whose migration let it in', async () => {
    for (const password_hash of [
      'md5$aB3dE5gH$75fbacdeaf6d377236d38a8d92ac4c94',
      'sha256$aB3dE5gH$7dbd0ae9e5b4e7a060f175a4cf7ed7797079cef27b36baf6310e4b941033a0e4',
    ]) {
      const user: PasswordHash = { password_hash, algo_params: { algorithm: 'hmac' } };
      assert.deepEqual(await passwords.verify('correct horse', user), { kind: 'right', outdated: true });
      assert.deepEqual(await passwords.verify('correct horsf', user), { kind: 'wrong' });
    }
    assert.equal(readFastHash('md5$$3cb4e732631f47e6eb961f34554b7cde'), null);
    assert.equal(readFastHash('plain$x$correct horse'), null);
  });

  it('of bcrypt is right for the 72 bytes that bcrypt looked at, and outdated, so that all of it counts from then on', async () => {
    const password = 'long '.repeat(20);
    const user = stored(await bcrypt.hash(password, 4));
    for (const tried of [password, password.slice(0, 72)]) {
      assert.deepEqual(await passwords.verify(tried, user), { kind: 'right', outdated: true });
    }
    assert.deepEqual(await passwords.verify(password.slice(0, 71), user), { kind: 'wrong' });
  });

  for (const params of ['32768:1:4', '65536:2:1', '131072:8:4', '4:131072:4', '8:131072:4']) {
    it(`of scrypt:${params} that is not refused can be tried`, async () => {
      const read = readLegacyHash(`scrypt:${params}$salt$${SCRYPT_HEX}`);
      assert.ok('hash' in read);
      assert.equal(await read.hash.matches('guess'), false);
    });
  }

  it('is refused as slowly as an account that does not exist, whatever made it', async () => {
    const kinds = {
      nobody: null,
      pbkdf2: stored(`pbkdf2:sha256:1000$aB3dE5gH$${HEX_32}`),
      scrypt: stored(`scrypt:32768:8:1$aB3dE5gH1234abcd$${SCRYPT_HEX}`),
      // 337 ms against the 200 ms of today's parameters, where both were measured.
      bcrypt: stored('$2b$12$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e'),
      refused: stored('plain$$correct horse'),
    };
    await passwords.verify('guess', kinds.bcrypt);
    const medians = new Map<string, number>();
    const samples = new Map<string, number[]>(Object.keys(kinds).map((name) => [name, []]));
    for (let round = 0; round < 5; round += 1) {
      for (const [name, hash] of Object.entries(kinds)) {
        const started = performance.now();
        await passwords.verify('guess', hash);
        samples.get(name)?.push(performance.now() - started);
      }
    }
    for (const [name, times] of samples) medians.set(name, times.sort((a, b) => a - b)[2] ?? 0);
    const values = [...medians.values()];
    assert.ok(Math.max(...values) < 1.35 * Math.min(...values), JSON.stringify([...medians]));
  });
});
