import type { PasswordHash } from '../model/entities.ts';
import { Gate, type GateLimits } from '../resilience/gate.ts';
import { DUMMY_HASH, isCheaper, sameParams, TODAY, usableParams } from './stored-hash.ts';

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
 * Argon2id for people's passwords. Each piece of work takes 64 MiB and a core for about a quarter of a second, so two
 * run at a time and a bounded number wait; beyond that a request is refused as `overloaded`.
 */
export function createPasswords({ running = 2, waiting = 32 }: PasswordOptions = {}): Passwords {
  const gate = new Gate({ running, waiting });
  const matches = async (hash: string, password: string): Promise<boolean> =>
    (await loadArgon2()).verify(hash, Buffer.from(password));
  return {
    hash: (password) => gate.run(() => hashToday(password)),
    verify: (password, stored) =>
      gate.run(async () => {
        const params = stored === null ? null : usableParams(stored);
        if (stored === null || params === null) {
          await matches(DUMMY_HASH, password);
          return WRONG;
        }
        if (await matches(stored.password_hash, password))
          return { kind: 'right', outdated: !sameParams(params, TODAY) };
        // An old, cheap hash must not show itself by a quicker answer.
        if (isCheaper(params)) await matches(DUMMY_HASH, password);
        return WRONG;
      }),
  };
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
