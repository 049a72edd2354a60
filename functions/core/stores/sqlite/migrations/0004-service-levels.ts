import type { Migration } from '../migrate.ts';

/** What the processes of a box answered, for its service levels. Rows of whole hours belong to no process. */
export const serviceLevels: Migration = {
  version: 4,
  name: 'service levels',
  sql: `
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
`,
};
