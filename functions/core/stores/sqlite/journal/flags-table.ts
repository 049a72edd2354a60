import type { Database, Statement } from 'better-sqlite3';
import { seededFlags, type Flags, type Seeds } from '../../../model/flags.ts';

interface FlagsRow extends Omit<Flags, 'finalized' | 'since_ms'> {
  readonly finalized: number;
  readonly telemetry_since_ms: number;
  readonly audit_since_ms: number;
  readonly auth_since_ms: number;
}

/** The one row of running values; while there is none, the seeds hold. */
export class FlagsTable {
  readonly #get: Statement<[], FlagsRow>;
  readonly #put: Statement<[FlagsRow]>;
  readonly #seeds: Seeds;

  constructor(db: Database, seeds: Seeds) {
    this.#seeds = seeds;
    this.#get = db.prepare('SELECT * FROM flags');
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO flags VALUES (1, @telemetry, @audit, @auth, @finalized, @telemetry_since_ms,
         @audit_since_ms, @auth_since_ms, @backfill_start_ms, @waived, @frozen_until_ms, @closing_until_ms)`,
    );
  }

  get(): Flags {
    return this.find() ?? seededFlags(this.#seeds, 0);
  }

  find(): Flags | null {
    const row = this.#get.get();
    if (row === undefined) return null;
    const { telemetry, audit, auth, backfill_start_ms, waived, frozen_until_ms, closing_until_ms } = row;
    const since_ms = { telemetry: row.telemetry_since_ms, audit: row.audit_since_ms, auth: row.auth_since_ms };
    const finalized = row.finalized === 1;
    return {
      telemetry,
      audit,
      auth,
      finalized,
      since_ms,
      backfill_start_ms,
      waived,
      frozen_until_ms,
      closing_until_ms,
    };
  }

  put({ since_ms, finalized, ...flags }: Flags): void {
    this.#put.run({
      ...flags,
      finalized: Number(finalized),
      telemetry_since_ms: since_ms.telemetry,
      audit_since_ms: since_ms.audit,
      auth_since_ms: since_ms.auth,
    });
  }
}
