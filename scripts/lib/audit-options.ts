/** The verbs of `npm run audit` and their options. */
import type { Head } from '@bas/core/audit/chain';
import { TenantId } from '@bas/core/model/names';
import { UsageError } from './cli.ts';
import { dataOption } from './home.ts';

const tenant = { type: 'string', hint: 'ID', help: 'Of this tenant alone (default all)' } as const;
const json = { type: 'boolean', default: false, help: 'Print the result as JSON' } as const;
const common = { tenant, data: dataOption, json } as const;

export const usages = {
  verify: {
    command: 'npm run audit -- verify',
    summary: 'Holds every stored event against its seal and names what was changed, moved, removed or added.',
    options: {
      against: { type: 'string', hint: 'FILE', help: 'An earlier export: the chain must go on from its newest seals' },
      head: { type: 'string', hint: 'N:DIGEST', help: 'The same for one tenant, as verify and export print it' },
      file: { type: 'string', hint: 'FILE', help: 'Verify this export instead of the store' },
      ...common,
    },
    notes: [
      'Exit 0 when nothing was found, 1 when something was, 3 when the log could not be read, 130 when Ctrl-C stopped it.',
      'Keep what is printed as newest seal elsewhere: who can rewrite the whole store can make new seals, but not the old.',
    ],
  },
  export: {
    command: 'npm run audit -- export',
    summary: 'Writes every stored event to a file, a line of JSON each, oldest first, with the seals.',
    options: { out: { type: 'string', hint: 'FILE', help: 'A new file; one that is there is refused' }, ...common },
  },
  seal: {
    command: 'npm run audit -- seal',
    summary: 'Seals what is older than ten minutes, as the schedule does every ten minutes.',
    options: {
      late: {
        type: 'boolean',
        default: false,
        help: 'Also takes in events that verify found added: migrated ones, or of a clock that was wrong',
      },
      again: {
        type: 'boolean',
        default: false,
        help: 'Begins again at now where a clock that was ahead sealed times to come; this clock must be right',
      },
      ...common,
    },
  },
} as const;

export type Verb = keyof typeof usages;

export const auditCommand = {
  command: 'npm run audit',
  verbs: usages,
  note: 'On DIR/bas.sqlite or on Firestore, as npm run serve.',
};

export function tenantFrom(text: string | undefined): string | null {
  if (text === undefined) return null;
  const read = TenantId.safeParse(text);
  if (read.success) return read.data;
  throw new UsageError(`--tenant ${JSON.stringify(text)} ${read.error.issues[0]?.message ?? 'is no tenant'}.`);
}

/** Seals that were kept elsewhere, by tenant. When `--head` was sealed is not known, so it never counts as expired. */
export function headFrom(text: string, tenant_id: string | null): ReadonlyMap<string, Head> {
  if (tenant_id === null) throw new UsageError('--head is of one tenant: name it by --tenant.');
  const [, seal, digest] = /^(\d{1,9}):([\w-]{43})$/.exec(text) ?? [];
  if (seal === undefined || digest === undefined) {
    throw new UsageError(`--head must be N:DIGEST as verify prints it, not ${JSON.stringify(text)}.`);
  }
  return new Map([[tenant_id, { seal: Number(seal), digest, sealed_ms: Infinity }]]);
}
