/** The verbs of `npm run admin` and their options. */
import { DeviceId, TenantId, Username } from '@bas/core/model/names';
import { Role } from '@bas/core/model/role';
import { UsageError } from './cli.ts';
import { dataOption } from './home.ts';

const tenant = { type: 'string', hint: 'ID', help: 'The tenant' } as const;
const username = { type: 'string', hint: 'NAME', help: 'The user, by name' } as const;
const json = { type: 'boolean', default: false, help: 'Print the result as JSON' } as const;
const common = { data: dataOption, json } as const;
const typed = 'The password is asked for on a terminal, otherwise read from standard input.';

export const usages = {
  'create-tenant': {
    command: 'npm run admin -- create-tenant',
    summary: 'Creates a tenant.',
    options: { tenant, name: { type: 'string', hint: 'TEXT', help: 'A name for people' }, ...common },
  },
  'create-user': {
    command: 'npm run admin -- create-user',
    summary: `Creates a user. ${typed}`,
    options: {
      tenant,
      username,
      role: { type: 'string', hint: 'ROLE', help: Role.options.join(', ') },
      ...common,
    },
    notes: ['A platform_admin belongs to the tenant system, which comes with its first one.'],
  },
  'reset-password': {
    command: 'npm run admin -- reset-password',
    summary: `Sets a new password and ends the user's sessions. ${typed}`,
    options: { tenant, username, ...common },
  },
  'hash-password': {
    command: 'npm run -s admin -- hash-password',
    summary: `Prints the Argon2id hash of a password, for the secret auth-admin-password-hash. ${typed}`,
    options: { json },
    notes: ['Opens no store.'],
  },
  'issue-keys': {
    command: 'npm run admin -- issue-keys',
    summary: 'Issues a new key for each device; a key is shown once. A device may have two live keys.',
    options: {
      tenant,
      device: { type: 'string', multiple: true, hint: 'ID', help: 'A device, may be repeated; all when left out' },
      register: { type: 'boolean', default: false, help: 'Register devices that are not known yet' },
      out: { type: 'string', hint: 'FILE', help: 'Write the keys to a new file that only you can read' },
      ...common,
    },
  },
  'revoke-key': {
    command: 'npm run admin -- revoke-key',
    summary: "Ends one of a device's keys at once.",
    options: {
      tenant,
      device: { type: 'string', hint: 'ID', help: 'The device' },
      key: { type: 'string', hint: 'ID', help: 'The id of the key, as list shows it; not the key itself' },
      ...common,
    },
  },
  list: {
    command: 'npm run admin -- list',
    summary: 'Lists tenants with their users, devices and ids of keys.',
    options: { tenant, ...common },
  },
  'disable-tenant': {
    command: 'npm run admin -- disable-tenant',
    summary: "Refuses the tenant's people and devices everywhere and ends their sessions.",
    options: { tenant, ...common },
  },
  'enable-tenant': {
    command: 'npm run admin -- enable-tenant',
    summary: 'Lets a disabled tenant in again.',
    options: { tenant, ...common },
  },
} as const;

export type Verb = keyof typeof usages;

export const adminCommand = {
  command: 'npm run admin',
  verbs: usages,
  note: 'Works on DIR/bas.sqlite, or on Firestore when the USE_FIRESTORE_* variables are 1, as serve does.',
};

export function tenantFrom(text: string | undefined): string {
  return checked(TenantId, '--tenant', text);
}

export function usernameFrom(text: string | undefined): string {
  return checked(Username, '--username', text);
}

/** The middle of `bas_<id>_<secret>`. */
export function keyIdFrom(text: string | undefined): string {
  if (text === undefined) throw new UsageError('--key is missing: list shows the ids.');
  if (/^[0-9a-f]{32}$/.test(text)) return text;
  throw new UsageError('--key must be the id of a key, 32 of 0-9 a-f, as list shows it.');
}

export function deviceFrom(text: string | undefined): string {
  return checked(DeviceId, '--device', text);
}

export function roleFrom(text: string | undefined): Role {
  if (text === undefined) throw new UsageError(`--role is missing: one of ${Role.options.join(', ')}.`);
  const role = Role.safeParse(text);
  if (role.success) return role.data;
  throw new UsageError(`--role must be one of ${Role.options.join(', ')}, not ${JSON.stringify(text)}.`);
}

function checked(schema: typeof TenantId | typeof Username, option: string, text: string | undefined): string {
  if (text === undefined) throw new UsageError(`${option} is missing.`);
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${option} ${parsed.error.issues[0]?.message ?? 'is not valid'}.`);
}
