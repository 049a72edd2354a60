import type { Database, Statement } from 'better-sqlite3';
import { countTry, findBlock, forgiveTry } from '../../model/throttle.ts';
import type { ThrottleClaim, ThrottlePolicy, ThrottleReservation, ThrottleState } from '../../model/throttle.ts';
import type { ThrottleStore } from '../contracts.ts';
import type { Access } from './driver.ts';

interface ThrottleRow extends ThrottleState {
  readonly key: string;
  readonly forget_at_ms: number;
}

export class ThrottleTable {
  readonly #get: Statement<[string], ThrottleState>;
  readonly #put: Statement<[ThrottleRow]>;
  readonly #remove: Statement<[string]>;
  readonly #removeForgotten: Statement<[number, number]>;

  constructor(db: Database) {
    this.#get = db.prepare('SELECT failures, blocked_until_ms, updated_ms FROM throttle WHERE key = ?');
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO throttle VALUES (@key, @failures, @blocked_until_ms, @updated_ms, @forget_at_ms)',
    );
    this.#remove = db.prepare('DELETE FROM throttle WHERE key = ?');
    this.#removeForgotten = db.prepare('DELETE FROM throttle WHERE forget_at_ms <= ? AND blocked_until_ms <= ?');
  }

  get(key: string): ThrottleState | null {
    return this.#get.get(key) ?? null;
  }

  put(key: string, state: ThrottleState, policy: ThrottlePolicy): void {
    this.#put.run({ key, ...state, forget_at_ms: state.updated_ms + policy.forget_after_ms });
  }

  remove(key: string): void {
    this.#remove.run(key);
  }

  removeForgotten(now_ms: number): number {
    return this.#removeForgotten.run(now_ms, now_ms).changes;
  }
}

export class SqliteThrottle implements ThrottleStore {
  readonly #access: Access;
  readonly #table: ThrottleTable;

  constructor(access: Access, table: ThrottleTable) {
    this.#access = access;
    this.#table = table;
  }

  reserve(claims: readonly ThrottleClaim[], now_ms: number): Promise<ThrottleReservation> {
    return this.#access.change(() => {
      const counters = claims.map((claim) => ({ claim, state: this.#table.get(claim.key) }));
      const outcome = findBlock(counters, now_ms);
      if (outcome.kind === 'blocked') return outcome;
      for (const { claim, state } of counters) {
        this.#table.put(claim.key, countTry(state, claim.policy, now_ms), claim.policy);
      }
      return outcome;
    });
  }

  forgive(cleared: readonly ThrottleClaim[], refunded: readonly ThrottleClaim[]): Promise<void> {
    return this.#access.change(() => {
      for (const { key } of cleared) this.#table.remove(key);
      for (const { key, policy } of refunded) {
        const state = this.#table.get(key);
        if (state !== null) this.#table.put(key, forgiveTry(state), policy);
      }
    });
  }
}
