/** Password hashes that other servers left behind: which of them may be tried, and how each is checked. */
import { createHmac, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { LegacyAlgorithm } from '../model/entities.ts';

/** A hash that may be tried. What its check needs is in its own text, so nothing else is kept of it. */
export interface LegacyHash {
  readonly algorithm: LegacyAlgorithm;
  matches(password: string): Promise<boolean>;
}

/** Why a hash is never tried. `salted-fast` is the only one that an operator may choose to let in. */
export type HashFault =
  'salted-fast' | 'unsalted' | 'bare-hex' | 'plain' | 'no-iterations' | 'truncated' | 'params' | 'empty' | 'unknown';

export type LegacyReading = { readonly hash: LegacyHash } | { readonly fault: HashFault };

/** A stored hash decides how much work its check takes, so what it may ask for is limited before any work. */
const PBKDF2_ITERATIONS = { min: 1_000, max: 2_000_000 };
const SCRYPT_MAX_BYTES = 134_217_728;
/** What OpenSSL may take, which needs a little more than the cost alone asks for. */
const SCRYPT_WORK_BYTES = 2 * SCRYPT_MAX_BYTES;
const SCRYPT_MAX_PARALLELISM = 4;
/** 2^14 rounds take more than a second in plain JavaScript. */
const BCRYPT_MAX_COST = 14;

/** Digests that Werkzeug names, and the bytes of each. */
const DIGEST_BYTES: ReadonlyMap<string, number> = new Map([
  ['md5', 16],
  ['sha1', 20],
  ['sha224', 28],
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
]);
const SCRYPT_KEY_BYTES = 64;

const pbkdf2Key = promisify(pbkdf2);

/** `method$salt$hex`, as Werkzeug writes it. */
const WERKZEUG = /^([a-z0-9:]{1,60})\$([^$]{0,128})\$(.*)$/s;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** Reads a hash by its format; no work is done that the text could make long. */
export function readLegacyHash(text: string): LegacyReading {
  if (text === '') return { fault: 'empty' };
  if (text.startsWith('$2')) return readBcrypt(text);
  if (/^(?:[0-9a-f]{2}){16,64}$/i.test(text)) return { fault: 'bare-hex' };
  const [, method = '', salt = '', key = ''] = WERKZEUG.exec(text) ?? [];
  const [name = '', ...params] = method.split(':');
  if (name === 'plain') return { fault: 'plain' };
  if (name === 'pbkdf2') return readPbkdf2(params, salt, key);
  if (name === 'scrypt') return readScrypt(params, salt, key);
  return params.length === 0 && DIGEST_BYTES.has(name) ? readHmac(name, salt) : { fault: 'unknown' };
}

/** A salted hash that takes no time to make, read for a user whose migration let it in. */
export function readFastHash(text: string): LegacyHash | null {
  const [, digest = '', salt = '', hex = ''] = WERKZEUG.exec(text) ?? [];
  const key = keyFrom(hex, DIGEST_BYTES.get(digest));
  if (key === null || salt === '') return null;
  const made = (password: string): Buffer => createHmac(digest, salt).update(password).digest();
  return { algorithm: 'hmac', matches: (password) => Promise.resolve(timingSafeEqual(made(password), key)) };
}

function readHmac(digest: string, salt: string): LegacyReading {
  return { fault: salt === '' || !DIGEST_BYTES.has(digest) ? 'unsalted' : 'salted-fast' };
}

function readPbkdf2([digest = '', count, ...more]: readonly string[], salt: string, hex: string): LegacyReading {
  const bytes = DIGEST_BYTES.get(digest);
  if (bytes === undefined || digest === 'md5' || more.length > 0) return { fault: 'unknown' };
  if (count === undefined) return { fault: 'no-iterations' };
  const iterations = wholeNumber(count);
  if (iterations < PBKDF2_ITERATIONS.min || iterations > PBKDF2_ITERATIONS.max) return { fault: 'params' };
  if (salt === '') return { fault: 'unsalted' };
  const key = keyFrom(hex, bytes);
  if (key === null) return { fault: 'truncated' };
  const made = (password: string): Promise<Buffer> => pbkdf2Key(password, salt, iterations, bytes, digest);
  return { hash: { algorithm: 'pbkdf2', matches: async (password) => timingSafeEqual(await made(password), key) } };
}

function readScrypt(params: readonly string[], salt: string, hex: string): LegacyReading {
  const [cost = 0, blockSize = 0, parallelization = 0, ...more] = params.map(wholeNumber);
  if (params.length < 3 || more.length > 0) return { fault: 'no-iterations' };
  const block_bytes = 128 * blockSize;
  const fits = block_bytes * cost <= SCRYPT_MAX_BYTES && parallelization <= SCRYPT_MAX_PARALLELISM;
  if (!fits || !isPowerOfTwo(cost) || blockSize < 1 || parallelization < 1) return { fault: 'params' };
  // What OpenSSL refuses would fail a sign-in, and only of an account that exists. RFC 7914 keeps the cost below 2^(16 r).
  const works = block_bytes * (cost + parallelization + 2) <= SCRYPT_WORK_BYTES && Math.log2(cost) < 16 * blockSize;
  if (!works) return { fault: 'params' };
  if (salt === '') return { fault: 'unsalted' };
  const key = keyFrom(hex, SCRYPT_KEY_BYTES);
  if (key === null) return { fault: 'truncated' };
  const options = { cost, blockSize, parallelization, maxmem: SCRYPT_WORK_BYTES };
  const made = (password: string): Promise<Buffer> => scryptKey(password, salt, options);
  return { hash: { algorithm: 'scrypt', matches: async (password) => timingSafeEqual(await made(password), key) } };
}

function readBcrypt(text: string): LegacyReading {
  const [, cost] = BCRYPT.exec(text) ?? [];
  if (cost === undefined) return { fault: /^\$2[aby]\$\d\d\$[./A-Za-z0-9]*$/.test(text) ? 'truncated' : 'unknown' };
  if (Number(cost) < 4 || Number(cost) > BCRYPT_MAX_COST) return { fault: 'params' };
  const matches = async (password: string): Promise<boolean> => (await import('bcryptjs')).compare(password, text);
  return { hash: { algorithm: 'bcrypt', matches } };
}

/** Zero for anything that is not a plain whole number. */
function wholeNumber(text: string): number {
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
}

function isPowerOfTwo(value: number): boolean {
  return value >= 2 && Number.isInteger(Math.log2(value));
}

function keyFrom(hex: string, bytes: number | undefined): Buffer | null {
  return bytes !== undefined && hex.length === 2 * bytes && /^[0-9a-f]+$/i.test(hex) ? Buffer.from(hex, 'hex') : null;
}

interface ScryptOptions {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly maxmem: number;
}

function scryptKey(password: string, salt: string, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, SCRYPT_KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
