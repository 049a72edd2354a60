/** What a legacy server calls its tables and columns. The default is a Flask server's. */
import * as z from 'zod';
import { SetupError } from '../errors.ts';
import { AuditAction, AuditOutcome } from '../model/audit.ts';
import { Role } from '../model/role.ts';
import type { LegacyFile } from '../stores/import.ts';

const Column = z.string().min(1).max(200);
/** A column the file may lack: left out, the default is taken where the table has it; null says that there is none. */
const MaybeColumn = Column.nullable().optional();

export const DEFAULT_ROLES: Readonly<Record<string, Role>> = {
  viewer: 'viewer',
  user: 'viewer',
  readonly: 'viewer',
  operator: 'operator',
  technician: 'operator',
  admin: 'admin',
  administrator: 'admin',
  platform_admin: 'platform_admin',
};

const Told = z.strictObject({ action: AuditAction, outcome: AuditOutcome.default('success') });
export type ToldAs = z.infer<typeof Told>;

const users = z.strictObject({
  table: Column.default('users'),
  tenant: MaybeColumn,
  id: Column.default('id'),
  username: Column.default('username'),
  password_hash: Column.default('password_hash'),
  role: Column.default('role'),
  created_at: MaybeColumn,
  /** True for people who may not sign in. */
  disabled: MaybeColumn,
  /** False for people who may not sign in. */
  active: MaybeColumn,
  /** What the legacy server's roles become, by name in lower case; added to the default. */
  roles: z.record(z.string(), Role).default({}),
  /** Lets salted MD5, SHA-1 and SHA-2 hashes in until their owner's first sign-in: they take no time to guess at. */
  allow_salted_fast: z.boolean().default(false),
});

const audit = z.strictObject({
  table: Column.default('audit_log'),
  tenant: MaybeColumn,
  id: Column.default('id'),
  timestamp_ms: Column.default('timestamp_ms'),
  user_id: MaybeColumn,
  action: Column.default('action'),
  details: MaybeColumn,
  ip: MaybeColumn,
  user_agent: MaybeColumn,
  device_id: MaybeColumn,
  /** What the legacy server's actions become, by name; added to the default. Any other becomes `legacy.event`. */
  actions: z.record(z.string(), Told).default({}),
});

const telemetry = z.strictObject({
  table: Column.default('telemetry'),
  tenant: MaybeColumn,
  id: Column.default('id'),
  device_id: Column.default('device_id'),
  timestamp_ms: Column.default('timestamp_ms'),
  /** One column of JSON objects, or columns that are a metric each; `metrics`, or else all further columns, by default. */
  metrics: z
    .union([z.strictObject({ json: Column }), z.strictObject({ columns: z.record(Column, z.string()) })])
    .optional(),
});

export const Mapping = z.strictObject({
  users: users.prefault({}),
  audit: audit.prefault({}),
  telemetry: telemetry.prefault({}),
});
export type Mapping = z.infer<typeof Mapping>;

/** Reads a mapping file's text. */
export function parseMapping(file: string, text: string): Mapping {
  try {
    return Mapping.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? describe(error) : 'it is not JSON';
    throw new SetupError(`${file} is not a mapping: ${why}.`, { cause: error });
  }
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not valid'}`.replace(/^: /, '');
}

/** The columns to read, checked against the file; null where there is none. */
export interface Layout<Name extends string> {
  readonly table: string;
  readonly columns: Readonly<Record<Name, string | null>>;
  /** Columns of the table that nothing is made of. */
  readonly unused: readonly string[];
}

const OPTIONAL_DEFAULTS: Readonly<Record<string, string>> = {
  tenant: 'tenant_id',
  created_at: 'created_at',
  user_id: 'user_id',
  details: 'details',
  ip: 'ip',
  user_agent: 'user_agent',
};

export const USER_COLUMNS = [
  'tenant',
  'id',
  'username',
  'password_hash',
  'role',
  'created_at',
  'disabled',
  'active',
] as const;
export const AUDIT_COLUMNS = [
  'tenant',
  'id',
  'timestamp_ms',
  'user_id',
  'action',
  'details',
  'ip',
  'user_agent',
  'device_id',
] as const;
export const TELEMETRY_COLUMNS = ['tenant', 'device_id', 'timestamp_ms', 'id'] as const;

/** Finds the mapped columns, or throws a `SetupError` that names what is missing. */
export function layoutOf<Name extends string>(
  legacy: LegacyFile,
  mapping: { readonly table: string } & Readonly<Partial<Record<Name, string | null | undefined>>>,
  names: readonly Name[],
): Layout<Name> {
  const { table } = mapping;
  const found = legacy.columns(table);
  if (found.length === 0) {
    throw new SetupError(
      `${legacy.file} has no table ${table}: describe the file with --map. It has ${listed(legacy.tables)}.`,
    );
  }
  const columns = Object.fromEntries(
    names.map((name) => [name, columnFor(legacy.file, table, found, name, mapping[name])]),
  ) as Record<Name, string | null>;
  const used = new Set<string | null>(Object.values<string | null>(columns));
  return { table, columns, unused: found.filter((column) => !used.has(column)) };
}

function columnFor(
  file: string,
  table: string,
  found: readonly string[],
  name: string,
  mapped: string | null | undefined,
): string | null {
  if (mapped === null) return null;
  const preset = OPTIONAL_DEFAULTS[name];
  if (mapped === undefined) return preset !== undefined && found.includes(preset) ? preset : null;
  if (found.includes(mapped)) return mapped;
  throw new SetupError(
    `The table ${table} of ${file} has no column ${mapped} (${name}): describe the file with --map. It has ${listed(found)}.`,
  );
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
