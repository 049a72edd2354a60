/** What `npm run migrate` prints for people. */
import type { AuditFacts, Inspected, Inspection, TelemetryFacts, UserFacts } from '@bas/core/migration/inspect';
import type { MigrationReport } from '@bas/core/migration/report';
import type { Told } from '@bas/core/migration/tally';
import { counted, printable } from './words.ts';

const THING = { users: 'user', audit: 'event', telemetry: 'point' } as const;

export function describeReport(report: MigrationReport): string {
  const thing = THING[report.kind];
  const { verification: found, dry_run } = report;
  const lines = [
    `${counted(report.rows, 'row')} read of ${report.from}, to ${report.to}${dry_run ? ' (nothing was changed)' : ''}`,
    ...(dry_run
      ? [`  to be stored ${found.missing.count}, already there ${found.equal}`]
      : [`  stored ${report.stored}, already there ${report.already_there}`]),
    ...count('expired', report.expired),
    ...count('older than asked for, or of another tenant', report.left_out),
    ...Object.entries(report.refused).flatMap(([reason, told]) => describeTold(`refused, ${reason}`, told)),
    ...describeTold('in conflict with what is stored, which stays', report.conflicts),
  ];
  if (report.kind === 'telemetry') lines.push(`  ${devicesLine(report)}`);
  if (report.documents_written > 0) lines.push(`  ${counted(report.documents_written, 'document')} written`);
  if (!dry_run) {
    lines.push(
      `Verified ${counted(found.expected, thing)}: ${found.equal} equal, checksum ${found.checksum.slice(0, 16)}`,
    );
    lines.push(...describeTold('missing', found.missing));
  }
  if (found.renewed > 0) lines.push(`  of these, kept with a hash that a sign-in renewed since: ${found.renewed}`);
  lines.push(...describeTold('different', found.different));
  return lines.map(printable).join('\n');
}

function devicesLine({ devices, new_devices, dry_run }: MigrationReport): string {
  const met = counted(devices, 'device');
  if (new_devices === 0) return `${met}, registered before`;
  return `${met}, ${new_devices} ${dry_run ? 'to be registered' : 'newly registered'}`;
}

function count(what: string, value: number): string[] {
  return value === 0 ? [] : [`  ${what}: ${value}, left out`];
}

export function describeTold(what: string, { count, examples }: Told): string[] {
  return count === 0 ? [] : [`  ${what}: ${count}`, ...examples.map((example) => `    ${example}`)];
}

export function describeInspection({ from, users, audit, telemetry }: Inspection): string {
  return [from, ...describeTable('users', users, userLines), ...describeTable('audit', audit, auditLines)]
    .concat(describeTable('telemetry', telemetry, telemetryLines))
    .map(printable)
    .join('\n');
}

function describeTable<Facts>(kind: string, table: Inspected<Facts>, lines: (facts: Facts) => string[]): string[] {
  if ('fault' in table) return [`${kind}: ${table.fault}`];
  const { tally, unused, needs_tenant } = table;
  return [
    `${kind}: ${counted(tally.rows, 'row')} in ${table.table}${needs_tenant ? ', whose tenant must be named with --tenant' : ''}`,
    ...(unused.length === 0 ? [] : [`  columns not migrated: ${unused.join(', ')}`]),
    ...lines(table),
    ...count('expired', tally.expired),
    ...count('of another tenant', tally.left_out),
    ...Object.entries(tally.refused).flatMap(([reason, told]) => describeTold(`would be refused, ${reason}`, told)),
  ];
}

function userLines({ hashes, roles }: UserFacts): string[] {
  return [
    ...Object.entries(hashes).map(([kind, { rows, becomes }]) => `  hash ${kind}: ${rows}, ${becomes}`),
    ...Object.entries(roles).map(([role, rows]) => `  role ${role}: ${rows}`),
  ];
}

function auditLines({ actions, ...span }: AuditFacts): string[] {
  const rows = Object.entries(actions).map(
    ([name, { rows, becomes }]) => `  action ${name}: ${rows}, becomes ${becomes}`,
  );
  return [...spanLines(span), ...rows];
}

function telemetryLines({ devices, ...span }: TelemetryFacts): string[] {
  return [`  ${counted(devices, 'device')}`, ...spanLines(span)];
}

function spanLines({ oldest_ms, newest_ms }: { oldest_ms: number | null; newest_ms: number | null }): string[] {
  if (oldest_ms === null || newest_ms === null) return [];
  return [`  from ${new Date(oldest_ms).toISOString()} to ${new Date(newest_ms).toISOString()}`];
}
