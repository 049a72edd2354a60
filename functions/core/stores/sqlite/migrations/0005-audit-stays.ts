import type { Migration } from '../migrate.ts';
import { NOW_MS } from './0002-cutover.ts';

/**
 * An event leaves when it has expired, and not before. A day less than what is kept, so that the sweep, whose clock is
 * handed to it, never meets this.
 */
export const auditStays: Migration = {
  version: 5,
  name: 'audit stays',
  sql: `
CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log WHEN old.timestamp_ms > ${NOW_MS} - 179 * 86400000
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
`,
};
