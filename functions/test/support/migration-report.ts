import * as z from 'zod';

const Told = z.object({ count: z.int(), examples: z.array(z.string()) });

/** What `migrate --json` prints, as far as tests look at it. */
export const MigrationReport = z.object({
  rows: z.int(),
  from_ms: z.int(),
  now_ms: z.int(),
  devices: z.int(),
  new_devices: z.int(),
  stored: z.int(),
  already_there: z.int(),
  expired: z.int(),
  left_out: z.int(),
  refused: z.record(z.string(), Told),
  conflicts: Told,
  documents_written: z.int(),
  migrating_ms: z.int(),
  verification: z.object({
    expected: z.int(),
    equal: z.int(),
    renewed: z.int(),
    missing: Told,
    different: Told,
    checksum: z.string(),
  }),
});
export type MigrationReport = z.infer<typeof MigrationReport>;
