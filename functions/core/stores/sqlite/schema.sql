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

CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;

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

CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

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
  bytes INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, device_id, start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  tenant_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE throttle (
  key TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  blocked_until_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  forget_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX throttle_by_forget ON throttle (forget_at_ms);

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

CREATE TABLE write_budget (
  tenant_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  minute_ms INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, device_id)
) STRICT, WITHOUT ROWID;
