/** A box with many devices and nobody's points yet. */
import { makeFixture, TENANT_ID, type Fixture } from './fixture.ts';
import Database from 'better-sqlite3';

export interface BoxFixture extends Fixture {
  readonly device_ids: readonly string[];
}

/** The usual tenant and session, and `devices` more devices, copied from one row by row: they differ in their id alone. */
export async function makeBoxFixture(
  env: Record<string, string> & { SQLITE_FILE: string },
  devices: number,
): Promise<BoxFixture> {
  const fixture = await makeFixture(env, 0);
  const device_ids = Array.from({ length: devices }, (_, at) => `box-${String(at)}`);
  const database = new Database(env.SQLITE_FILE);
  const copied = 'tenant_id, name, tags, expected_interval_ms, widths, disabled, last_seen_ms, created_ms';
  const copy = database.prepare(
    `INSERT INTO devices (device_id, ${copied}) SELECT ?, ${copied} FROM devices WHERE tenant_id = ? LIMIT 1`,
  );
  database.transaction(() => {
    for (const device_id of device_ids) copy.run(device_id, TENANT_ID);
  })();
  database.close();
  return { ...fixture, device_ids };
}
