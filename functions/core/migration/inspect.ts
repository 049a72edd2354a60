/** What a legacy file holds and what it would become, without any store. Every row is read as a migration would read it. */
import { SetupError } from '../errors.ts';
import { oldestKept_ms } from '../model/retention.ts';
import { readLegacyHash } from '../passwords/legacy-hash.ts';
import type { LegacyFile } from '../stores/import.ts';
import { readEvent, toldAs } from './audit.ts';
import { asText, named } from './cells.ts';
import { AUDIT_COLUMNS, layoutOf, USER_COLUMNS, type Mapping } from './mapping.ts';
import { emptyTally, refuse, type Tally } from './tally.ts';
import { CELLS, pointTable } from './point-table.ts';
import { deviceKey, readTime, type Fault } from './point.ts';
import { tenantRule } from './tenant.ts';
import { readHash, userReader } from './users.ts';

export interface InspectOptions {
  readonly mapping: Mapping;
  readonly tenant_id: string | null;
  readonly now_ms: number;
}

/** One table, or why it cannot be read. */
export type Inspected<Facts> =
  | ({
      readonly table: string;
      /** Columns of which nothing is made. */
      readonly unused: readonly string[];
      /** No column says whose rows these are: `--tenant` is needed. */
      readonly needs_tenant: boolean;
      readonly tally: Tally;
    } & Facts)
  | { readonly fault: string };

export interface HashKind {
  rows: number;
  /** `migrated`, or why it is refused. */
  readonly becomes: string;
}

export interface UserFacts {
  /** By what made them. */
  readonly hashes: Readonly<Record<string, HashKind>>;
  readonly roles: Readonly<Record<string, number>>;
}

export interface AuditFacts {
  readonly actions: Readonly<Record<string, { readonly rows: number; readonly becomes: string }>>;
  readonly oldest_ms: number | null;
  readonly newest_ms: number | null;
}

export interface TelemetryFacts {
  readonly devices: number;
  readonly oldest_ms: number | null;
  readonly newest_ms: number | null;
}

export interface Inspection {
  readonly from: string;
  readonly users: Inspected<UserFacts>;
  readonly audit: Inspected<AuditFacts>;
  readonly telemetry: Inspected<TelemetryFacts>;
}

/** Stands for the tenant that was not named, so that all else can be told. */
const SOME_TENANT = 'tenant';
/** A column of nonsense must not fill the memory. */
const MAX_NAMES = 200;
const MAX_NAME = 80;

export function inspect(legacy: LegacyFile, options: InspectOptions): Inspection {
  return {
    from: legacy.file,
    users: orFault(() => inspectUsers(legacy, options)),
    audit: orFault(() => inspectAudit(legacy, options)),
    telemetry: orFault(() => inspectTelemetry(legacy, options)),
  };
}

/** A missing table is a finding here; a file that cannot be read at all has been refused before. */
function orFault<Facts>(work: () => Inspected<Facts>): Inspected<Facts> {
  try {
    return work();
  } catch (error) {
    if (error instanceof SetupError) return { fault: error.message };
    throw error;
  }
}

function inspectUsers(legacy: LegacyFile, { mapping, tenant_id }: InspectOptions): Inspected<UserFacts> {
  const { table, columns, unused } = layoutOf(legacy, mapping.users, USER_COLUMNS);
  const tenantOf = tenantRule(table, columns.tenant, tenant_id ?? SOME_TENANT);
  const tally = emptyTally();
  const hashes: Record<string, HashKind> = {};
  const roles = new Names<number>();
  const readRow = userReader(mapping.users, tenantOf);
  const read = { table, columns: USER_COLUMNS.map((name) => columns[name]), order_by: [mapping.users.id] };
  for (const row of legacy.rows(read)) {
    tally.rows += 1;
    const [, , , hash = null, role = null] = row;
    const kind = hashKind(asText(hash) ?? '', mapping.users.allow_salted_fast);
    (hashes[kind.name] ??= { rows: 0, becomes: kind.becomes }).rows += 1;
    roles.count(asText(role) ?? 'none', (rows = 0) => rows + 1);
    const reading = readRow(row);
    if ('refused' in reading) refuse(tally, reading.refused, reading.row);
    else if ('left_out' in reading) tally.left_out += 1;
  }
  const needs_tenant = columns.tenant === null && tenant_id === null;
  return { table, unused, needs_tenant, tally, hashes, roles: roles.toRecord() };
}

/** What made a hash, with the parameters that tell old from new. */
function hashKind(text: string, allow_salted_fast: boolean): { readonly name: string; readonly becomes: string } {
  const kept = readHash(text, allow_salted_fast);
  if ('fault' in kept) return { name: kept.fault, becomes: 'refused' };
  const read = readLegacyHash(text);
  const { algorithm } = kept.algo_params;
  const params = 'hash' in read ? (/^[a-z0-9]+:([a-z0-9:]+)\$|^\$2[aby]\$(\d\d)/.exec(text) ?? []) : [];
  const [, method, cost] = params;
  return { name: [algorithm, method ?? cost].filter((part) => part !== undefined).join(':'), becomes: 'migrated' };
}

function inspectAudit(legacy: LegacyFile, { mapping, tenant_id, now_ms }: InspectOptions): Inspected<AuditFacts> {
  const { table, columns, unused } = layoutOf(legacy, mapping.audit, AUDIT_COLUMNS);
  const tenantOf = tenantRule(table, columns.tenant, tenant_id ?? SOME_TENANT);
  const tally = emptyTally();
  const actions = new Names<AuditFacts['actions'][string]>();
  const span = new Span();
  const read = { table, columns: AUDIT_COLUMNS.map((name) => columns[name]), order_by: [mapping.audit.id] };
  for (const row of legacy.rows(read)) {
    const name = asText(row[4] ?? null) ?? 'none';
    actions.count(name, (met) => {
      if (met !== undefined) return { ...met, rows: met.rows + 1 };
      const { action, outcome } = toldAs(name.trim(), mapping.audit.actions);
      return { rows: 1, becomes: `${action}, ${outcome}` };
    });
    const event = readEvent(row, tally, { mapping: mapping.audit, tenantOf, from_ms: 0, now_ms });
    if (event !== null) span.meet(event.timestamp_ms);
  }
  const { oldest_ms, newest_ms } = span;
  const needs_tenant = columns.tenant === null && tenant_id === null;
  return { table, unused, needs_tenant, tally, actions: actions.toRecord(), oldest_ms, newest_ms };
}

function inspectTelemetry(legacy: LegacyFile, options: InspectOptions): Inspected<TelemetryFacts> {
  const { mapping, tenant_id, now_ms } = options;
  const given = tenant_id ?? SOME_TENANT;
  const whole = { mapping: mapping.telemetry, tenant_id: given, from_ms: 0, now_ms };
  const { read, refOf, metricsOf, unused } = pointTable(legacy, whole);
  const tally = emptyTally();
  const devices = new Set<string>();
  const span = new Span();
  for (const row of legacy.rows({ ...read, order_by: [] })) {
    tally.rows += 1;
    const no = ({ fault }: Fault): void => refuse(tally, fault, named(row[CELLS.id] ?? null));
    const ref = refOf(row[CELLS.tenant] ?? null, row[CELLS.device] ?? null);
    const time = readTime(row[CELLS.time] ?? null, now_ms);
    if (ref === 'other') tally.left_out += 1;
    else if ('fault' in ref) no(ref);
    else if (typeof time !== 'number') no(time);
    else {
      span.meet(time);
      devices.add(deviceKey(ref));
      const metrics = metricsOf(row, CELLS.metrics);
      if (typeof metrics !== 'string') no(metrics);
      else if (time < oldestKept_ms(now_ms)) tally.expired += 1;
    }
  }
  const { oldest_ms, newest_ms } = span;
  const needs_tenant = read.columns[0] === null && tenant_id === null;
  return { table: read.table, unused, needs_tenant, tally, devices: devices.size, oldest_ms, newest_ms };
}

/** What was met by name. A legacy file may call anything `constructor`, or by a name as long as a book. */
class Names<Fact> {
  readonly #met = new Map<string, Fact>();

  count(name: string, next: (met: Fact | undefined) => Fact): void {
    const shown = name.slice(0, MAX_NAME);
    if (this.#met.has(shown) || this.#met.size < MAX_NAMES) this.#met.set(shown, next(this.#met.get(shown)));
  }

  toRecord(): Readonly<Record<string, Fact>> {
    return Object.fromEntries(this.#met);
  }
}

class Span {
  oldest_ms: number | null = null;
  newest_ms: number | null = null;

  meet(timestamp_ms: number): void {
    this.oldest_ms = Math.min(this.oldest_ms ?? timestamp_ms, timestamp_ms);
    this.newest_ms = Math.max(this.newest_ms ?? timestamp_ms, timestamp_ms);
  }
}
