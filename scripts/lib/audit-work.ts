/** What the verbs of `npm run audit` do to the logs of a home, or to an exported one. */
import { headOf, type Head } from '@bas/core/audit/chain';
import { beginAgain, sealLate, sealTenant } from '@bas/core/audit/sealing';
import { SetupError } from '@bas/core/errors';
import { verify, type Verification } from '@bas/core/audit/verification';
import { readSeal, type Seal } from '@bas/core/model/seal';
import type { WalkedEvent } from '@bas/core/stores/contracts';
import { endingsIn, eventsIn, lineOf, withoutEnd, type Ending } from './audit-file.ts';
import type { Logs } from './audit-logs.ts';

type Kept = ReadonlyMap<string, Head>;

/** A log of which a seal was kept is looked for also when its tenant is gone. */
export async function verifyLogs(logs: Logs, only: string | null, kept: Kept): Promise<readonly Verification[]> {
  const found: Verification[] = [];
  for (const tenant_id of union(await logs.tenants(only), kept, only)) {
    const now_ms = logs.now_ms();
    found.push(await verify(logs.walk(tenant_id, now_ms), { tenant_id, now_ms, kept: kept.get(tenant_id) }));
  }
  return found;
}

/** As of when each tenant of the file was read. Of what the file does not have, nothing is said. */
export async function verifyFile(file: string, only: string | null, kept: Kept): Promise<readonly Verification[]> {
  const endings = await endingsIn(file);
  const [found, torn]: [Verification[], string[]] = [[], []];
  for (const tenant_id of union(only === null ? [...endings.keys()] : [only], kept, only)) {
    const known = endings.get(tenant_id);
    if (known === undefined) throw withoutEnd(file, tenant_id);
    const { ending, lines } = known;
    const about = { tenant_id, now_ms: ending.exported_ms, exported: ending.head ?? undefined };
    found.push(await verify(eventsIn(file, tenant_id), { ...about, kept: kept.get(tenant_id) }));
    if (lines !== ending.events) torn.push(`it has ${lines} events of ${tenant_id}, not ${ending.events}`);
  }
  // A finding names what is missing, which says more.
  if (torn.length === 0 || found.some(({ findings }) => findings.length > 0)) return found;
  throw new SetupError(`${file} is no whole export: ${torn.join('; ')}.`);
}

function union(tenants: readonly string[], kept: Kept, only: string | null): readonly string[] {
  return only === null ? [...new Set([...tenants, ...kept.keys()])].sort() : tenants;
}

/** The lines of an export; `endings` gets what is told of each tenant. */
export async function* exported(logs: Logs, only: string | null, endings: Ending[]): AsyncGenerator<string> {
  for (const tenant_id of await logs.tenants(only)) {
    const exported_ms = logs.now_ms();
    let events = 0;
    let head: Head | null = null;
    for await (const walked of logs.walk(tenant_id, exported_ms)) {
      events += 1;
      head = headIn(walked) ?? head;
      yield lineOf(tenant_id, walked);
    }
    const ending: Ending = { end_of: tenant_id, exported_ms, events, head };
    endings.push(ending);
    yield `${JSON.stringify(ending)}\n`;
  }
}

function headIn({ event }: WalkedEvent): Head | null {
  const seal = event === null ? null : readSeal(event);
  return seal === null ? null : headOf(seal);
}

export interface Sealed {
  readonly tenant_id: string;
  readonly events: number;
  readonly seals: number;
  /** Ids of events that came late and were taken in. */
  readonly late: readonly string[];
}

export interface SealOptions {
  /** Takes in what came late, too. */
  readonly late: boolean;
  /** Begins at now where times to come are sealed. */
  readonly again: boolean;
}

export async function sealOne(logs: Logs, tenant_id: string, { late, again }: SealOptions): Promise<Sealed> {
  const [audit, now_ms] = [logs.of(tenant_id), logs.now_ms()];
  const beginning = again ? await beginAgain(audit, tenant_id, now_ms) : null;
  const made = await sealTenant(audit, tenant_id, now_ms);
  const came = late ? await lateEvents(logs, tenant_id, now_ms) : [];
  // Another sealer may have been first: what was made says what was taken in.
  const taking = await sealLate(audit, tenant_id, came, now_ms);
  const all = [...(beginning === null ? [] : [beginning]), ...made, ...taking];
  return { tenant_id, events: all.flatMap(idsIn).length, seals: all.length, late: taking.flatMap(idsIn) };
}

function idsIn({ manifest }: Seal): readonly string[] {
  return manifest.events.map(([event_id]) => event_id);
}

async function lateEvents(logs: Logs, tenant_id: string, now_ms: number): Promise<readonly WalkedEvent[]> {
  const { findings } = await verify(logs.walk(tenant_id, now_ms), { tenant_id, now_ms });
  const added = new Set(findings.flatMap((finding) => (finding.kind === 'added' ? [finding.event_id] : [])));
  const came: WalkedEvent[] = [];
  for await (const walked of logs.walk(tenant_id, now_ms)) if (added.has(walked.event_id)) came.push(walked);
  return came;
}
