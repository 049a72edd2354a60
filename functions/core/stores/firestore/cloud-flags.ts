/** `system/flags`: whose database this is, and how far a box has moved to it. */
import * as z from 'zod';
import { AUDIT_PHASES, AUTH_PHASES, TELEMETRY_PHASES } from '../../model/flags.ts';
import type { CloudFlags } from '../mirror.ts';
import type { Change, StoredDocument } from './documents.ts';
import { paths } from './paths.ts';

const StoredFlags = z.object({
  telemetry: z.enum(TELEMETRY_PHASES),
  audit: z.enum(AUDIT_PHASES),
  auth: z.enum(AUTH_PHASES),
  finalized: z.boolean(),
  since_ms: z.object({ telemetry: z.number(), audit: z.number(), auth: z.number() }),
  backfill_start_ms: z.number(),
  waived: z.string().nullable(),
  frozen_until_ms: z.number(),
  closing_until_ms: z.number(),
});

export function readCloudFlags({ fields }: StoredDocument): CloudFlags {
  const flags = StoredFlags.parse(JSON.parse(fields.text('flags')));
  const box_id = fields.textOrNull('box_id') ?? undefined;
  return { flags, updated_ms: fields.number('updated_ms'), ...(box_id === undefined ? {} : { box_id }) };
}

/** Phases stand beside the whole for whoever looks at the console. */
export function putCloudFlags({ flags, updated_ms, box_id }: CloudFlags): Change {
  const { telemetry, audit, auth, finalized } = flags;
  const fields = {
    telemetry,
    audit,
    auth,
    finalized,
    flags: JSON.stringify(flags),
    updated_ms,
    box_id: box_id ?? null,
  };
  return { kind: 'put', path: paths.cloudFlags(), fields };
}
