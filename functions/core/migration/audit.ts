import type { AuditEvent } from '../model/audit.ts';
import { AuditAction } from '../model/audit.ts';
import { AUDIT_RETENTION_MS, MAX_CLOCK_AHEAD_MS } from '../model/retention.ts';
import type { ImportStore, LegacyFile, LegacyRow, LegacyValue } from '../stores/import.ts';
import { asInstant_ms, asText, named } from './cells.ts';
import { compareRows } from './compare.ts';
import { migratedId } from './ids.ts';
import { AUDIT_COLUMNS, layoutOf, type Mapping, type ToldAs } from './mapping.ts';
import { emptyTally, refuse, tell, type Tally } from './tally.ts';
import { tenantRule, type TenantRule } from './tenant.ts';
import type { Source, Unit } from './unit.ts';

/** What tells migrated events from those of this suite. */
export const BACKFILL_SOURCE = 'sqlite_backfill';

/** One may hold 64 KiB, and Firestore takes 10 MiB in a commit. */
const EVENTS_PER_UNIT = 100;
const MAX_USER_AGENT = 256;
/** Of all the texts of an event together. */
const MAX_TEXT_BYTES = 65_536;

const success = (action: AuditAction): ToldAs => ({ action, outcome: 'success' });

/** Names that servers give to what they log, without case and with `_` for `.`, `-` and space. */
const DEFAULT_ACTIONS: Readonly<Record<string, ToldAs>> = {
  login: success('auth.login'),
  login_success: success('auth.login'),
  login_failed: { action: 'auth.login', outcome: 'failure' },
  login_failure: { action: 'auth.login', outcome: 'failure' },
  failed_login: { action: 'auth.login', outcome: 'failure' },
  logout: success('auth.logout'),
  password_change: success('auth.password_change'),
  password_changed: success('auth.password_change'),
  change_password: success('auth.password_change'),
  create_user: success('user.create'),
  user_created: success('user.create'),
  update_user: success('user.update'),
  user_updated: success('user.update'),
  role_changed: success('user.update'),
  create_device: success('device.create'),
  device_created: success('device.create'),
  update_device: success('device.update'),
  device_updated: success('device.update'),
  access_denied: { action: 'access.refused', outcome: 'refused' },
  forbidden: { action: 'access.refused', outcome: 'refused' },
};

export interface AuditOptions {
  readonly mapping: Mapping['audit'];
  readonly tenant_id: string | null;
  readonly from_ms: number;
  readonly now_ms: number;
}

/** Events of the asked time, as they were told. */
export function auditSource(legacy: LegacyFile, options: AuditOptions): Source {
  const { mapping, from_ms } = options;
  const { table, columns } = layoutOf(legacy, mapping, AUDIT_COLUMNS);
  const tenantOf = tenantRule(table, columns.tenant, options.tenant_id);
  const since = { column: mapping.timestamp_ms, from: from_ms };
  const read = { table, columns: AUDIT_COLUMNS.map((name) => columns[name]), order_by: [mapping.id], since };
  return {
    devices: 0,
    rows: legacy.count(read),
    *units() {
      let [events, tally]: [AuditEvent[], Tally] = [[], emptyTally()];
      for (const row of legacy.rows(read)) {
        const event = readEvent(row, tally, { ...options, tenantOf });
        if (event !== null) events.push(event);
        if (tally.rows < EVENTS_PER_UNIT) continue;
        yield auditUnit(events, tally);
        [events, tally] = [[], emptyTally()];
      }
      if (tally.rows > 0) yield auditUnit(events, tally);
    },
  };
}

function auditUnit(events: readonly AuditEvent[], reading: Tally): Unit {
  return {
    reading,
    tenant_ids: [...new Set(events.map(({ tenant_id }) => tenant_id))],
    paced_by: null,
    put: (store) => putEvents(store, events),
    compare: async (store) => compareRows(events, await store.events(events), nameOf),
  };
}

async function putEvents(store: ImportStore, events: readonly AuditEvent[]): Promise<Tally> {
  const tally = emptyTally();
  if (events.length === 0) return tally;
  const free = await store.putEvents(events);
  const taken = events.filter((_event, at) => free[at] !== true);
  tally.stored = events.length - taken.length;
  if (taken.length === 0) return tally;
  const stored = await store.events(taken);
  taken.forEach((event, at) => {
    const { equal, different } = compareRows([event], [stored[at] ?? null], nameOf);
    if (equal === 1) tally.already_there += 1;
    else tell(tally.conflicts, different.examples[0] ?? nameOf(event));
  });
  return tally;
}

function nameOf({ event_id }: AuditEvent): string {
  return `event ${event_id}`;
}

export interface EventReading extends Omit<AuditOptions, 'tenant_id'> {
  readonly tenantOf: TenantRule;
}

/** Reads a row, whose columns are `AUDIT_COLUMNS`; null when it is left out, which the tally then says. */
export function readEvent(
  row: LegacyRow,
  tally: Tally,
  { mapping, tenantOf, from_ms, now_ms }: EventReading,
): AuditEvent | null {
  const [tenant = null, id = null, time = null, user = null, name = null, ...texts] = row;
  const [details = null, ip = null, agent = null, device = null] = texts;
  tally.rows += 1;
  const no = (reason: string): null => {
    refuse(tally, reason, named(id));
    return null;
  };
  const owner = tenantOf(tenant);
  const timestamp_ms = asInstant_ms(time);
  const legacy_id = asText(id);
  const action = asText(name)?.trim() ?? '';
  if (owner === null) return no('tenant is not a valid name');
  if (legacy_id === undefined || legacy_id === '') return no('id is missing');
  if (timestamp_ms === undefined) return no('timestamp is not a whole number of milliseconds');
  if (timestamp_ms > now_ms + MAX_CLOCK_AHEAD_MS) return no('timestamp is in the future');
  if (action === '') return no('action is missing');
  if (textBytes([details, ip, agent, device, action]) > MAX_TEXT_BYTES) return no('its texts are too long');
  if (owner === 'other' || timestamp_ms < from_ms) {
    tally.left_out += 1;
    return null;
  }
  if (timestamp_ms < now_ms - AUDIT_RETENTION_MS) {
    tally.expired += 1;
    return null;
  }
  const { tenant_id } = owner;
  const told = toldAs(action, mapping.actions);
  const said = asText(details) ?? null;
  const user_id = asText(user);
  return {
    event_id: migratedId('event', tenant_id, legacy_id),
    timestamp_ms,
    tenant_id,
    ...told,
    user_id: user_id === undefined ? null : migratedId('user', tenant_id, user_id),
    device_id: asText(device) ?? null,
    target: null,
    ip: asText(ip) ?? null,
    user_agent: asText(agent)?.slice(0, MAX_USER_AGENT) ?? null,
    request_id: null,
    source: BACKFILL_SOURCE,
    // What has no name here keeps its own.
    detail: told.action === 'legacy.event' ? [action, ...(said === null ? [] : [said])].join(': ') : said,
  };
}

function textBytes(values: readonly LegacyValue[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? Buffer.byteLength(value) : 0), 0);
}

/** What an action of the legacy server is called here. */
export function toldAs(name: string, mapped: Readonly<Record<string, ToldAs>>): ToldAs {
  const own = Object.hasOwn(mapped, name) ? mapped[name] : undefined;
  if (own !== undefined) return own;
  const known = AuditAction.safeParse(name);
  if (known.success) return success(known.data);
  const word = name.toLowerCase().replaceAll(/[.\- ]+/g, '_');
  return (Object.hasOwn(DEFAULT_ACTIONS, word) ? DEFAULT_ACTIONS[word] : undefined) ?? success('legacy.event');
}
