CREATE TABLE audit_log (
  event_id TEXT NOT NULL PRIMARY KEY,
  timestamp_ms INTEGER NOT NULL,
  tenant_id TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  user_id TEXT,
  device_id TEXT,
  target TEXT,
  ip TEXT,
  user_agent TEXT,
  request_id TEXT,
  source TEXT NOT NULL,
  detail TEXT
) STRICT;

CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, timestamp_ms DESC, event_id DESC);

CREATE INDEX audit_log_by_age ON audit_log (timestamp_ms);

CREATE INDEX audit_log_by_time ON audit_log (tenant_id, timestamp_ms DESC, event_id DESC);

CREATE INDEX audit_log_by_user ON audit_log (tenant_id, user_id, timestamp_ms DESC, event_id DESC);

CREATE TRIGGER audit_log_insert_is_closed BEFORE INSERT ON audit_log
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER audit_log_insert_is_journaled AFTER INSERT ON audit_log WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('audit', new.tenant_id, new.event_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log WHEN old.timestamp_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) - 179 * 86400000
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_log_update_is_closed BEFORE UPDATE ON audit_log
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER audit_log_update_is_journaled AFTER UPDATE ON audit_log WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('audit', new.tenant_id, new.event_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TABLE cutover_counters (minute_ms INTEGER NOT NULL, process TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (minute_ms, process)) STRICT, WITHOUT ROWID;

CREATE TABLE cutover_lease (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until_ms INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;

CREATE TABLE cutover_state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE device_keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_used_ms INTEGER,
  revoked_ms INTEGER,
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_keys_by_device ON device_keys (tenant_id, device_id, created_ms) WHERE revoked_ms IS NULL;

CREATE TRIGGER device_keys_insert_is_closed BEFORE INSERT ON device_keys
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER device_keys_insert_is_journaled AFTER INSERT ON device_keys WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('key', new.tenant_id, new.key_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
  INSERT INTO journal VALUES ('device', new.tenant_id, new.device_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE INDEX device_keys_of_device ON device_keys (tenant_id, device_id);

CREATE TRIGGER device_keys_update_is_closed BEFORE UPDATE ON device_keys
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER device_keys_update_is_journaled AFTER UPDATE ON device_keys WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('key', new.tenant_id, new.key_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
  INSERT INTO journal VALUES ('device', new.tenant_id, new.device_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TABLE devices (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  name TEXT NOT NULL,
  tags TEXT NOT NULL,
  expected_interval_ms INTEGER,
  widths TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  last_seen_ms INTEGER,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER devices_insert_is_closed BEFORE INSERT ON devices
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER devices_insert_is_journaled AFTER INSERT ON devices WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('device', new.tenant_id, new.device_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER devices_update_is_closed BEFORE UPDATE ON devices
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER devices_update_is_journaled AFTER UPDATE ON devices WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('device', new.tenant_id, new.device_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TABLE ended_sessions (token_sha256 TEXT NOT NULL PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;

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

CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE service_spans (
  span_ms INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  process TEXT NOT NULL,
  requests INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  reads INTEGER NOT NULL,
  dashboard_minutes INTEGER NOT NULL,
  last_hundred TEXT NOT NULL,
  PRIMARY KEY (span_ms, start_ms, process)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  token_sha256 TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (user_id),
  username TEXT NOT NULL,
  role TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  fingerprint_agent TEXT NOT NULL,
  fingerprint_network TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_created ON sessions (created_ms);

CREATE INDEX sessions_by_last_seen ON sessions (last_seen_ms);

CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_ms DESC);

CREATE INDEX sessions_by_user_id ON sessions (user_id);

CREATE TRIGGER sessions_insert_is_closed BEFORE INSERT ON sessions
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER sessions_update_is_closed BEFORE UPDATE ON sessions
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TABLE telemetry (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  metrics TEXT NOT NULL,
  PRIMARY KEY (tenant_id, device_id, timestamp_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE telemetry_buckets (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  bytes INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 1, changed_ms INTEGER NOT NULL DEFAULT 0, delivered_version INTEGER NOT NULL DEFAULT 0, delivered_update TEXT, compared_version INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, device_id, start_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX telemetry_buckets_dirty ON telemetry_buckets (tenant_id, device_id, start_ms, end_ms)
  WHERE delivered_version < version;

CREATE TRIGGER telemetry_buckets_insert_is_closed BEFORE INSERT ON telemetry_buckets
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE INDEX telemetry_buckets_uncompared ON telemetry_buckets (tenant_id, device_id, start_ms)
  WHERE compared_version < version;

CREATE TRIGGER telemetry_buckets_update_is_closed BEFORE UPDATE OF version ON telemetry_buckets
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TABLE tenants (
  tenant_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tenants_insert_is_closed BEFORE INSERT ON tenants
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER tenants_insert_is_journaled AFTER INSERT ON tenants WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('tenant', new.tenant_id, new.tenant_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER tenants_update_is_closed BEFORE UPDATE ON tenants
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER tenants_update_is_journaled AFTER UPDATE ON tenants WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('tenant', new.tenant_id, new.tenant_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TABLE throttle (
  key TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  blocked_until_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  forget_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX throttle_by_forget ON throttle (forget_at_ms);

CREATE TABLE usage (
  tenant_id TEXT NOT NULL,
  day TEXT NOT NULL,
  shard INTEGER NOT NULL,
  function TEXT NOT NULL,
  device_id TEXT NOT NULL,
  reads INTEGER NOT NULL,
  writes INTEGER NOT NULL,
  deletes INTEGER NOT NULL,
  points INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, day, shard, function, device_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_by_day ON usage (day);

CREATE TABLE users (
  user_id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  username TEXT NOT NULL,
  role TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_ms INTEGER NOT NULL,
  password_hash TEXT NOT NULL,
  algo_params TEXT NOT NULL,
  UNIQUE (tenant_id, username)
) STRICT, WITHOUT ROWID;

CREATE INDEX users_by_tenant ON users (tenant_id, user_id);

CREATE TRIGGER users_insert_is_closed BEFORE INSERT ON users
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER users_insert_is_frozen BEFORE INSERT ON users
WHEN (SELECT auth = 'moving' AND frozen_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'people are frozen'); END;

CREATE TRIGGER users_insert_is_journaled AFTER INSERT ON users WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('user', new.tenant_id, new.user_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER users_update_is_closed BEFORE UPDATE ON users
WHEN (SELECT finalized = 1 OR closing_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'the box is closed'); END;

CREATE TRIGGER users_update_is_frozen BEFORE UPDATE ON users
WHEN (SELECT auth = 'moving' AND frozen_until_ms > CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM flags) = 1
BEGIN SELECT RAISE(ABORT, 'people are frozen'); END;

CREATE TRIGGER users_update_is_journaled AFTER UPDATE ON users WHEN EXISTS (SELECT 1 FROM flags)
BEGIN
  UPDATE journal_clock SET version = version + 1;
  INSERT INTO journal VALUES ('user', new.tenant_id, new.user_id,
    (SELECT version FROM journal_clock), CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO UPDATE SET version = excluded.version;
END;

CREATE TABLE write_budget (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  minute_ms INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, device_id)
) STRICT, WITHOUT ROWID;
