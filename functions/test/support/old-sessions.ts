import Database from 'better-sqlite3';

/** As if nobody had used a session of this data file since yesterday. */
export function expireSessions(file: string): void {
  const database = new Database(file);
  const day_ms = 86_400_000;
  database
    .prepare('UPDATE sessions SET last_seen_ms = last_seen_ms - ?, created_ms = created_ms - ?')
    .run(day_ms, day_ms);
  database.close();
}
