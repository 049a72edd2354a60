import { readFastHash, readLegacyHash } from '../passwords/legacy-hash.ts';
import { isCurrent, usableParams } from '../passwords/stored-hash.ts';
import type { PasswordHash, User } from '../model/entities.ts';
import { Username } from '../model/names.ts';
import { fitsTenant, type Role } from '../model/role.ts';
import type { ImportStore, LegacyFile, LegacyRow, LegacyValue } from '../stores/import.ts';
import { asFlag, asMoment_ms, asText, named } from './cells.ts';
import { compareRows } from './compare.ts';
import { migratedId } from './ids.ts';
import { DEFAULT_ROLES, layoutOf, USER_COLUMNS, type Mapping } from './mapping.ts';
import { emptyTally, refuse, tell, type Comparison, type Tally } from './tally.ts';
import { tenantRule, type TenantRule } from './tenant.ts';
import type { Source, Unit } from './unit.ts';

type UserMapping = Mapping['users'];

export interface UserOptions {
  readonly mapping: UserMapping;
  /** Null where a column says it. With a column, only this one's are migrated. */
  readonly tenant_id: string | null;
}

/** A legacy user as it will be stored, or why it will not be. */
export type UserReading =
  { readonly user: User } | { readonly refused: string; readonly row: string } | { readonly left_out: true };

/** People with the hashes they have. Each is one commit. */
export function userSource(legacy: LegacyFile, options: UserOptions): Source {
  const { mapping } = options;
  const { table, columns } = layoutOf(legacy, mapping, USER_COLUMNS);
  const tenantOf = tenantRule(table, columns.tenant, options.tenant_id);
  const read = { table, columns: USER_COLUMNS.map((name) => columns[name]), order_by: [mapping.id] };
  return {
    devices: 0,
    rows: legacy.count(read),
    *units() {
      const readRow = userReader(mapping, tenantOf);
      for (const row of legacy.rows(read)) yield userUnit(readRow(row));
    },
  };
}

function userUnit(reading: UserReading): Unit {
  const tally = { ...emptyTally(), rows: 1 };
  if ('refused' in reading) refuse(tally, reading.refused, reading.row);
  if ('left_out' in reading) tally.left_out = 1;
  const wanted = 'user' in reading ? [reading.user] : [];
  return {
    reading: tally,
    tenant_ids: wanted.map(({ tenant_id }) => tenant_id),
    paced_by: null,
    put: (store) => putUsers(store, wanted),
    compare: async (store) => compareUsers(wanted, await Promise.all(wanted.map((user) => store.user(user)))),
  };
}

async function putUsers(store: ImportStore, users: readonly User[]): Promise<Tally> {
  const tally = emptyTally();
  for (const user of users) {
    if (await store.putUser(user)) {
      tally.stored += 1;
      continue;
    }
    const { equal, different } = compareUsers([user], [await store.user(user)]);
    if (equal === 1) tally.already_there += 1;
    else tell(tally.conflicts, different.examples[0] ?? nameOf(user));
  }
  return tally;
}

/** Whoever has signed in since has another hash than in the legacy file, and is the same all the same. */
function compareUsers(users: readonly User[], stored: readonly (User | null)[]): Comparison {
  let renewed = 0;
  const wanted = users.map((user, at) => {
    const found = stored[at] ?? null;
    if (found === null || !isRenewed(user, found)) return user;
    renewed += 1;
    return { ...user, password_hash: found.password_hash, algo_params: found.algo_params };
  });
  return { ...compareRows(wanted, stored, nameOf), renewed };
}

/** A hash of today's parameters in the place of one that a sign-in renews; of two of today's nobody can tell which is newer. */
function isRenewed(legacy: User, stored: User): boolean {
  return stored.user_id === legacy.user_id && isCurrent(stored) && !isCurrent(legacy);
}

function nameOf({ tenant_id, username }: User): string {
  return `${username} of ${tenant_id}`;
}

/** Reads rows one after the other. Of two with one id or one name, the first is taken. */
export function userReader(mapping: UserMapping, tenantOf: TenantRule): (row: LegacyRow) => UserReading {
  const taken = new Set<string>();
  return (row) => {
    const reading = readUser(row, mapping, tenantOf);
    if (!('user' in reading)) return reading;
    const { tenant_id, user_id, username } = reading.user;
    const id = JSON.stringify([tenant_id, 'id', user_id]);
    const name = JSON.stringify([tenant_id, 'name', username]);
    const twice = taken.has(id) ? 'id' : taken.has(name) ? 'username' : null;
    if (twice !== null) return { refused: `${twice} is that of an earlier row`, row: named(row[1] ?? null) };
    taken.add(id).add(name);
    return reading;
  };
}

/** Reads a row, whose columns are `USER_COLUMNS`. */
function readUser(row: LegacyRow, mapping: UserMapping, tenantOf: TenantRule): UserReading {
  const [tenant = null, id = null, name = null, hash = null, roleName = null, created = null, disabled, active] = row;
  const no = (refused: string): UserReading => ({ refused, row: named(id) });
  const legacy_id = asText(id);
  const owner = tenantOf(tenant);
  if (owner === 'other') return { left_out: true };
  if (owner === null) return no('tenant is not a valid name');
  const { tenant_id } = owner;
  if (legacy_id === undefined || legacy_id === '') return no('id is missing');
  const username = Username.safeParse(asText(name));
  if (!username.success) return no('username is not a valid name');
  const role = roleOf(roleName, mapping);
  if (role === undefined) return no(`role ${JSON.stringify(asText(roleName)?.slice(0, 40) ?? null)} is not mapped`);
  if (!fitsTenant(role, tenant_id)) return no(`role ${role} does not belong in the tenant`);
  const created_ms = created === null ? 0 : asMoment_ms(created);
  if (created_ms === undefined) return no('created_at is no moment');
  const off = isDisabled(disabled, active);
  if (off === undefined) return no('disabled or active is neither true nor false');
  const password = readHash(asText(hash) ?? '', mapping.allow_salted_fast);
  if ('fault' in password) return no(`password hash: ${password.fault}`);
  const user_id = migratedId('user', tenant_id, legacy_id);
  return { user: { tenant_id, user_id, username: username.data, role, disabled: off, created_ms, ...password } };
}

function roleOf(value: LegacyValue, { roles }: UserMapping): Role | undefined {
  const name = asText(value)?.toLowerCase() ?? '';
  const known = [roles, DEFAULT_ROLES].find((table) => Object.hasOwn(table, name));
  return known?.[name];
}

/** A cell without a value says nothing. */
function isDisabled(disabled: LegacyValue = null, active: LegacyValue = null): boolean | undefined {
  const off = disabled === null ? false : asFlag(disabled);
  const on = active === null ? true : asFlag(active);
  return off === undefined || on === undefined ? undefined : off || !on;
}

/** What is kept of a legacy hash, or why it is never tried. */
export function readHash(text: string, allow_salted_fast: boolean): PasswordHash | { readonly fault: string } {
  const own = usableParams({ password_hash: text });
  if (own !== null) return { password_hash: text, algo_params: own };
  const read = readLegacyHash(text);
  if ('hash' in read) return { password_hash: text, algo_params: { algorithm: read.hash.algorithm } };
  const fast = allow_salted_fast && read.fault === 'salted-fast' ? readFastHash(text) : null;
  return fast === null ? read : { password_hash: text, algo_params: { algorithm: fast.algorithm } };
}
