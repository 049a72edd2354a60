/** Seals a tenant's audit log, so that what is done to an event later is found. */
import { END_OF_TIME_MS, MINUTE_MS } from '../clock.ts';
import { SetupError } from '../errors.ts';
import type { AuditEvent } from '../model/audit.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import {
  digestOf,
  readSeal,
  SEAL_ACTION,
  sealEvent,
  sealId,
  UNREADABLE,
  type Manifest,
  type Seal,
} from '../model/seal.ts';
import type { AuditLog, Stores, WalkedEvent, WalkMark } from '../stores/contracts.ts';
import { everyRow } from '../stores/every-row.ts';

/**
 * An event is stored within this time of its own: a request takes at most five minutes and ten seconds, and clocks of
 * instances are less than a minute apart. Only what is older is sealed.
 */
export const SETTLED_MS = 10 * MINUTE_MS;
/** Some 25 KB of a seal. */
export const EVENTS_PER_SEAL = 250;
/** Of the newest seals, one at least must be as it was made. */
const LOOKED_AT = 20;

/** Where a tenant's chain of seals stands. */
interface Head {
  readonly seal: number;
  readonly until_ms: number;
  readonly next: WalkMark | null;
  readonly previous: Manifest['previous'];
}

const NO_SEAL: Head = { seal: 0, until_ms: 0, next: null, previous: null };

/** Every tenant, and the platform's own, whose log takes events before anybody made it. */
export async function sealedTenants({ tenants }: Pick<Stores, 'tenants'>): Promise<readonly string[]> {
  const rows = await everyRow(
    (page) => tenants.list(page),
    ({ tenant_id }) => tenant_id,
  );
  return [...new Set([SYSTEM_TENANT, ...rows.map(({ tenant_id }) => tenant_id)])].sort();
}

/** Seals what has settled, in as many seals as it takes. Nothing is stored where there is nothing but seals. */
export async function sealTenant(audit: AuditLog, tenant_id: string, now_ms: number): Promise<readonly Seal[]> {
  const settled_ms = now_ms - SETTLED_MS;
  const made: Seal[] = [];
  let head = await headOf(audit, tenant_id);
  if (head.until_ms > now_ms) throw tooFar(tenant_id, head.until_ms);
  let [after, more] = [head.next, head.until_ms < settled_ms];
  while (more) {
    const range = { start_ms: head.until_ms, end_ms: settled_ms };
    const { events, next } = await audit.walk(range, { after, limit: EVENTS_PER_SEAL });
    [after, more] = [next, next !== null];
    const found = events.filter(({ event }) => event?.action !== SEAL_ACTION);
    if (found.length === 0) continue;
    const seal = await append(audit, tenant_id, head, found, now_ms, {
      // A time that somebody wrote may lie between two milliseconds.
      until_ms: Math.floor(next?.timestamp_ms ?? settled_ms),
      next,
    });
    if (seal === null) break;
    made.push(seal);
    head = headAt(seal);
  }
  return made;
}

/**
 * After a clock that was ahead: a seal of nothing, behind which the next one begins with what has not settled now. Null
 * where no time to come is sealed.
 */
export async function beginAgain(audit: AuditLog, tenant_id: string, now_ms: number): Promise<Seal | null> {
  const head = await headOf(audit, tenant_id);
  if (head.until_ms <= now_ms) return null;
  const from_ms = now_ms - SETTLED_MS;
  return append(audit, tenant_id, { ...head, until_ms: from_ms }, [], now_ms, { until_ms: from_ms, next: null });
}

function tooFar(tenant_id: string, until_ms: number): SetupError {
  const until = new Date(until_ms).toISOString();
  return new SetupError(
    `The audit log of ${tenant_id} is sealed until ${until} already: a clock is wrong. When this one is right: npm run audit -- seal --again`,
  );
}

/** Takes in events of times that are sealed already: somebody has looked at them and found that they belong there. */
export async function sealLate(
  audit: AuditLog,
  tenant_id: string,
  late: readonly WalkedEvent[],
  now_ms: number,
): Promise<readonly Seal[]> {
  const made: Seal[] = [];
  let head = await headOf(audit, tenant_id);
  for (let from = 0; from < late.length; from += EVENTS_PER_SEAL) {
    const some = late.slice(from, from + EVENTS_PER_SEAL);
    const seal = await append(audit, tenant_id, head, some, now_ms, head);
    if (seal === null) break;
    made.push(seal);
    head = headAt(seal);
  }
  return made;
}

/**
 * Null when another sealer was first: the rest is its work. Where nobody was, what has the id is a seal no more, or not
 * this tenant's: its number is passed over, and its absence tells.
 */
async function append(
  audit: AuditLog,
  tenant_id: string,
  head: Head,
  events: readonly WalkedEvent[],
  now_ms: number,
  end: Pick<Head, 'until_ms' | 'next'>,
): Promise<Seal | null> {
  for (let passed = 0; passed < LOOKED_AT; passed += 1) {
    const event = sealEvent(tenant_id, manifestOn({ ...head, seal: head.seal + passed }, events, now_ms, end));
    const seal = readSeal(event);
    if (seal === null) throw new Error(`Seal ${head.seal + 1} of ${tenant_id} could not be read back.`);
    if (await audit.appendOnce(event)) return seal;
    const now = await headOf(audit, tenant_id);
    if (now.seal !== head.seal || now.previous?.digest !== head.previous?.digest) return null;
  }
  throw new Error(`The ids of the next ${LOOKED_AT} seals of ${tenant_id} are taken.`);
}

function manifestOn(
  head: Head,
  events: readonly WalkedEvent[],
  now_ms: number,
  { until_ms, next }: Pick<Head, 'until_ms' | 'next'>,
): Manifest {
  return {
    version: 1,
    seal: head.seal + 1,
    // Later than the one before, however the clock was set: the newest is the last.
    sealed_ms: Math.max(now_ms, (head.previous?.sealed_ms ?? 0) + 1),
    from_ms: head.until_ms,
    until_ms,
    next,
    previous: head.previous,
    events: events.map(({ event_id, timestamp_ms, event }) => [
      event_id,
      timestamp_ms,
      event === null ? UNREADABLE : digestOf(event),
    ]),
  };
}

function headAt({ manifest, digest }: Seal): Head {
  const { seal, until_ms, next, sealed_ms } = manifest;
  return { seal, until_ms, next, previous: { digest, sealed_ms } };
}

/**
 * A seal that was changed is not believed: what it covered is sealed again after it, and the chain goes on behind it, so
 * that one change by hand does not stop the sealing. The verification names it as long as it is kept.
 */
async function headOf(audit: AuditLog, tenant_id: string): Promise<Head> {
  const range = { start_ms: 0, end_ms: END_OF_TIME_MS };
  const newest = await audit.query({ ...range, action: SEAL_ACTION }, { limit: 1 });
  const [first] = newest;
  if (first === undefined) return NO_SEAL;
  const readable = asHead(first);
  if (readable !== null) return readable;
  return behindBroken(await audit.query({ ...range, action: SEAL_ACTION }, { limit: LOOKED_AT }), tenant_id);
}

function behindBroken(newest: readonly AuditEvent[], tenant_id: string): Head {
  const at = newest.findIndex((event) => asHead(event) !== null);
  const broken = at === -1 ? newest : newest.slice(0, at);
  const sound = newest[at];
  let head = (sound && asHead(sound)) ?? (newest.length < LOOKED_AT ? NO_SEAL : null);
  if (head === null) throw new Error(`None of the newest ${LOOKED_AT} seals of ${tenant_id} is as it was made.`);
  for (const event of broken.toReversed()) {
    if (event.event_id !== sealId(tenant_id, head.seal + 1)) continue;
    head = { ...head, seal: head.seal + 1, previous: { digest: digestOf(event), sealed_ms: event.timestamp_ms } };
  }
  return head;
}

function asHead(event: AuditEvent): Head | null {
  const seal = readSeal(event);
  return seal === null ? null : headAt(seal);
}
