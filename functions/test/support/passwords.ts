import { sha256 } from '@bas/core/ids';
import { createPasswords, type Passwords, type Verdict } from '@bas/core/passwords/passwords';

/** The real thing, counting how often it was asked to check a password. */
export class CountingPasswords implements Passwords {
  readonly #real = createPasswords();
  checks = 0;

  hash(password: string): ReturnType<Passwords['hash']> {
    return this.#real.hash(password);
  }

  verify(...args: Parameters<Passwords['verify']>): Promise<Verdict> {
    this.checks += 1;
    return this.#real.verify(...args);
  }
}

/**
 * The real thing, asked once for each pair of password and hash: for tests that sign in often and are not about
 * hashing. A second check of the same pair costs nothing; the verdict is still Argon2id's.
 */
export class RememberingPasswords implements Passwords {
  readonly #real = createPasswords();
  readonly #verdicts = new Map<string, Promise<Verdict>>();

  hash(password: string): ReturnType<Passwords['hash']> {
    return this.#real.hash(password);
  }

  verify(...[password, stored]: Parameters<Passwords['verify']>): Promise<Verdict> {
    const key = sha256(JSON.stringify([password, stored]));
    const verdict = this.#verdicts.get(key) ?? this.#real.verify(password, stored);
    this.#verdicts.set(key, verdict);
    return verdict;
  }
}
