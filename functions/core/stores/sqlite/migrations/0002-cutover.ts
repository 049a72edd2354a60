import type { Migration } from '../migrate.ts';

/** SQLite's own clock: triggers cannot be handed one. */
export const NOW_MS = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/** Tables whose rows travel one by one, and what their marks are called. A key's change shows in its device too. */
const JOURNALED = [
  ['tenants', [['tenant', 'tenant_id']]],
  ['devices', [['device', 'device_id']]],
  [
    'device_keys',
    [
      ['key', 'key_id'],
      ['device', 'device_id'],
    ],
  ],
  ['users', [['user', 'user_id']]],
  ['audit_log', [['audit', 'event_id']]],
] as const;

/** What nothing may be stored in once the box is closed; what is left of it may still be delivered. */
const CLOSED = [
  ['telemetry_buckets', ' OF version'],
  ['tenants', ''],
  ['devices', ''],
  ['device_keys', ''],
  ['users', ''],
  ['sessions', ''],
  ['audit_log', ''],
] as const;

/** A change of a journaled row leaves a mark in the same commit, whoever makes it: a trigger cannot be forgotten. */
function markTriggers(): string {
  return JOURNALED.flatMap(([table, marks]) =>
    (['INSERT', 'UPDATE'] as const).map(
      (event) => `
CREATE TRIGGER ${table}_${event.toLowerCase()}_is_journaled AFTER ${event} ON ${table} WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
${marks
  .map(
    ([kind, id]) => `  INSERT INTO journal VALUES ('${kind}', new.tenant_id, new.${id},
    (SELECT version FROM journal_clock), ${NOW_MS}) ON CONFLICT DO UPDATE SET version = excluded.version;`,
  )
  .join('\n')}
END;`,
    ),
  ).join('\n');
}

/** At the end of the cutover nothing may be stored here any more, not even by a process that has not noticed. */
function closingTriggers(): string {
  return CLOSED.flatMap(([table, of]) =>
    (['INSERT', 'UPDATE'] as const).map(
      (event) => `
CREATE TRIGGER ${table}_${event.toLowerCase()}_is_closed BEFORE ${event}${event === 'UPDATE' ? of : ''} ON ${table}
WHEN (SELECT finalized = 1 OR closing_until_ms > ${NOW_MS} FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;`,
    ),
  ).join('\n');
}

function freezingTriggers(): string {
  return (['INSERT', 'UPDATE'] as const)
    .map(
      (event) => `
CREATE TRIGGER users_${event.toLowerCase()}_is_frozen BEFORE ${event} ON users
WHEN (SELECT auth = 'moving' AND frozen_until_ms > ${NOW_MS} FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'people are frozen'); END;`,
    )
    .join('\n');
}

/**
 * What a move to Firestore needs. A bucket is dirty while Firestore has an older version of it than this file; a row is
 * dirty while it has a mark in `journal`, whose version never comes twice.
 */
export const cutover: Migration = {
  version: 2,
  name: 'cutover',
  sql: `
ALTER TABLE telemetry_buckets ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE telemetry_buckets ADD COLUMN changed_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE telemetry_buckets ADD COLUMN delivered_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE telemetry_buckets ADD COLUMN delivered_update TEXT;
ALTER TABLE telemetry_buckets ADD COLUMN compared_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX telemetry_buckets_dirty ON telemetry_buckets (tenant_id, device_id, start_ms, end_ms)
  WHERE delivered_version < version;
CREATE INDEX telemetry_buckets_uncompared ON telemetry_buckets (tenant_id, device_id, start_ms)
  WHERE compared_version < version;
-- With triggers on devices, SQLite looks for keys of a new one.
CREATE INDEX device_keys_of_device ON device_keys (tenant_id, device_id);

CREATE TABLE flags (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  telemetry TEXT NOT NULL CHECK (telemetry IN ('sqlite', 'dual', 'firestore')),
  audit TEXT NOT NULL CHECK (audit IN ('sqlite', 'firestore')),
  auth TEXT NOT NULL CHECK (auth IN ('sqlite', 'moving', 'firestore')),
  finalized INTEGER NOT NULL CHECK (finalized IN (0, 1)),
  telemetry_since_ms INTEGER NOT NULL,
  audit_since_ms INTEGER NOT NULL,
  auth_since_ms INTEGER NOT NULL,
  backfill_start_ms INTEGER NOT NULL,
  waived TEXT,
  frozen_until_ms INTEGER NOT NULL,
  closing_until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE journal (
  kind TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE journal_clock (version INTEGER NOT NULL) STRICT;
INSERT INTO journal_clock VALUES (0);

CREATE TABLE cutover_state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cutover_lease (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until_ms INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE cutover_counters (minute_ms INTEGER NOT NULL, process TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (minute_ms, process)) STRICT, WITHOUT ROWID;
CREATE TABLE ended_sessions (token_sha256 TEXT NOT NULL PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
${markTriggers()}
${closingTriggers()}
${freezingTriggers()}
`,
};
