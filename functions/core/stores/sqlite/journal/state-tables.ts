import type { Database, Statement } from 'better-sqlite3';
import type { StateName } from '../../journal.ts';

/** Small things the cutover remembers: reports, who is at work, what each process counted. */
export class StateTables {
  readonly #load: Statement<[string], { readonly value: string }>;
  readonly #name: Statement<[string]>;
  readonly #save: Statement<[string, string]>;
  readonly #forget: Statement<[string]>;
  readonly #lease: Statement<[{ name: string; holder: string; until_ms: number; now_ms: number }]>;
  readonly #release: Statement<[string, string]>;
  readonly #count: Statement<[number, string, string]>;
  readonly #counters: Statement<[number], { readonly minute_ms: number; readonly value: string }>;
  readonly #forgetCounters: Statement<[number]>;
  readonly #endSessions: Statement<[number]>;
  readonly #ended: Statement<[string, number], { readonly until_ms: number }>;
  readonly #forgetEnded: Statement<[number]>;

  constructor(db: Database) {
    this.#load = db.prepare('SELECT value FROM cutover_state WHERE name = ?');
    this.#name = db.prepare("INSERT INTO cutover_state VALUES ('box', ?) ON CONFLICT DO NOTHING");
    this.#save = db.prepare('INSERT OR REPLACE INTO cutover_state VALUES (?, ?)');
    this.#forget = db.prepare('DELETE FROM cutover_state WHERE name = ?');
    this.#lease = db.prepare(
      `INSERT INTO cutover_lease VALUES (@name, @holder, @until_ms) ON CONFLICT DO UPDATE
         SET holder = excluded.holder, until_ms = excluded.until_ms WHERE holder = @holder OR until_ms <= @now_ms`,
    );
    this.#release = db.prepare('DELETE FROM cutover_lease WHERE name = ? AND holder = ?');
    this.#count = db.prepare('INSERT OR REPLACE INTO cutover_counters VALUES (?, ?, ?)');
    this.#counters = db.prepare('SELECT minute_ms, value FROM cutover_counters WHERE minute_ms >= ?');
    this.#forgetCounters = db.prepare('DELETE FROM cutover_counters WHERE minute_ms < ?');
    this.#endSessions = db.prepare('INSERT OR REPLACE INTO ended_sessions SELECT token_sha256, ? FROM sessions');
    this.#ended = db.prepare('SELECT until_ms FROM ended_sessions WHERE token_sha256 = ? AND until_ms > ?');
    this.#forgetEnded = db.prepare('DELETE FROM ended_sessions WHERE until_ms <= ?');
  }

  boxId(candidate: string): string {
    this.#name.run(JSON.stringify(candidate));
    const known = this.load('box');
    return typeof known === 'string' ? known : candidate;
  }

  load(name: StateName | 'box'): unknown {
    const row = this.#load.get(name);
    return row === undefined ? null : parsed(row.value);
  }

  save(name: StateName, value: unknown): void {
    this.#save.run(name, JSON.stringify(value));
  }

  forget(name: StateName): void {
    this.#forget.run(name);
  }

  lease(name: string, holder: string, now_ms: number, ttl_ms: number): boolean {
    return this.#lease.run({ name, holder, until_ms: now_ms + ttl_ms, now_ms }).changes === 1;
  }

  release(name: string, holder: string): void {
    this.#release.run(name, holder);
  }

  saveCounters(minute_ms: number, process: string, value: unknown, keep_ms: number): void {
    this.#count.run(minute_ms, process, JSON.stringify(value));
    this.#forgetCounters.run(minute_ms - keep_ms);
  }

  counters(since_ms: number): readonly { readonly minute_ms: number; readonly value: unknown }[] {
    return this.#counters.all(since_ms).map(({ minute_ms, value }) => ({ minute_ms, value: parsed(value) }));
  }

  /** Remembers every live session as ended by a move. */
  rememberEnded(until_ms: number): void {
    this.#endSessions.run(until_ms);
  }

  wasEnded(token_sha256: string, now_ms: number): boolean {
    return this.#ended.get(token_sha256, now_ms) !== undefined;
  }

  forgetEnded(now_ms: number): number {
    return this.#forgetEnded.run(now_ms).changes;
  }
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}
