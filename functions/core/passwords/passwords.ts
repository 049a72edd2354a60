import type { PasswordHash } from '../model/entities.ts';
import { Gate, type GateLimits } from '../resilience/gate.ts';
import { EvenAnswers } from './even-answers.ts';
import { readFastHash, readLegacyHash, type LegacyHash } from './legacy-hash.ts';
import { DUMMY_HASH, isCheaper, isDearer, sameParams, TODAY, usableParams } from './stored-hash.ts';

export interface Passwords {
  /** By today's parameters and with a salt of its own. */
  hash(password: string): Promise<PasswordHash>;
  /** `null`, for a user who does not exist, is as much work as a real hash and always wrong. */
  verify(password: string, stored: PasswordHash | null): Promise<Verdict>;
}

export type Verdict =
  | { readonly kind: 'wrong' }
  /** `outdated` when the hash was made by other parameters than today's. */
  | { readonly kind: 'right'; readonly outdated: boolean };

export type PasswordOptions = Partial<GateLimits>;

const WRONG: Verdict = { kind: 'wrong' };

/**
 * Argon2id for people's passwords, and whatever made the hashes of those who have not signed in since they were migrated.
 * Each piece of work takes 64 MiB and a core for about a quarter of a second, so two run at a time and a bounded number
 * wait; beyond that a request is refused as `overloaded`.
 */
export function createPasswords({ running = 2, waiting = 32 }: PasswordOptions = {}): Passwords {
  const gate = new Gate({ running, waiting });
  const even = new EvenAnswers();
  return {
    hash: (password) => gate.run(() => hashToday(password)),
    verify: async (password, stored) => {
      const { verdict, started_ms } = await gate.run(async () => {
        const started_ms = performance.now();
        const legacy = stored === null ? null : legacyHash(stored);
        const verdict = await (legacy === null ? verifyArgon2(password, stored) : verifyLegacy(password, legacy));
        if (legacy !== null || isDear(stored)) even.learn(performance.now() - started_ms);
        return { started_ms, verdict };
      });
      if (verdict.kind === 'wrong') await even.hold(started_ms);
      return verdict;
    },
  };
}

/** A hash of ours in kind that another server made by more work than today's. */
function isDear(stored: PasswordHash | null): boolean {
  const params = stored === null ? null : usableParams(stored);
  return params !== null && isDearer(params);
}

async function verifyArgon2(password: string, stored: PasswordHash | null): Promise<Verdict> {
  const params = stored === null ? null : usableParams(stored);
  if (stored === null || params === null) {
    await matchesArgon2(DUMMY_HASH, password);
    return WRONG;
  }
  if (await matchesArgon2(stored.password_hash, password))
    return { kind: 'right', outdated: !sameParams(params, TODAY) };
  // An old, cheap hash must not show itself by a quicker answer.
  if (isCheaper(params)) await matchesArgon2(DUMMY_HASH, password);
  return WRONG;
}

/** Beside today's work, so that a hash that is quick to check does not show itself either. */
async function verifyLegacy(password: string, legacy: LegacyHash): Promise<Verdict> {
  const [right] = await Promise.all([legacy.matches(password), matchesArgon2(DUMMY_HASH, password)]);
  return right ? { kind: 'right', outdated: true } : WRONG;
}

/** Null for a hash of our own, and for one that must not be tried. */
function legacyHash({ password_hash, algo_params }: PasswordHash): LegacyHash | null {
  if (algo_params.algorithm === 'argon2id') return null;
  if (algo_params.algorithm === 'hmac') return readFastHash(password_hash);
  const read = readLegacyHash(password_hash);
  return 'hash' in read ? read.hash : null;
}

async function matchesArgon2(hash: string, password: string): Promise<boolean> {
  return (await loadArgon2()).verify(hash, Buffer.from(password));
}

async function hashToday(password: string): Promise<PasswordHash> {
  const { argon2id, hash } = await loadArgon2();
  const { memory_kib: memoryCost, time_cost: timeCost, parallelism } = TODAY;
  const password_hash = await hash(Buffer.from(password), { type: argon2id, memoryCost, timeCost, parallelism });
  return { password_hash, algo_params: TODAY };
}

/** Loaded with the first password: most functions never see one. */
async function loadArgon2(): Promise<typeof import('argon2')> {
  return import('argon2');
}
