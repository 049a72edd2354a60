import type { Migration } from '../migrate.ts';

/** What was used, by day, function and device; an empty `device_id` is no device. */
export const usage: Migration = {
  version: 3,
  name: 'usage',
  sql: `
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
`,
};
