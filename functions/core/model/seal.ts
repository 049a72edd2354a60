/** Seals: audit events that say what the events before them were, each chained to the one before it. */
import { hash } from 'node:crypto';
import * as z from 'zod';
import { fitting } from './audit-size.ts';
import type { AuditEvent } from './audit.ts';
import { derivedId } from './derived-id.ts';

export const SEAL_ACTION = 'audit.seal';

/** What stands for an event that cannot be read. */
export const UNREADABLE = 'unreadable';

const SealedEvent = z.tuple([z.string(), z.number(), z.string()]);

const Manifest = z.strictObject({
  version: z.literal(1),
  seal: z.int().min(1),
  sealed_ms: z.int(),
  from_ms: z.int(),
  until_ms: z.int(),
  /** Where the next seal goes on among the events of `until_ms`; null when none of them is in this one. */
  next: z.strictObject({ timestamp_ms: z.number(), key: z.string() }).nullable(),
  /** The seal before; null for the first. */
  previous: z.strictObject({ digest: z.string(), sealed_ms: z.int() }).nullable(),
  /** Id, time and digest of each event. Those before `from_ms` came late and were taken in by an operator. */
  events: z.array(SealedEvent),
});
export type Manifest = z.infer<typeof Manifest>;

/** A seal, and what the next one is chained to. */
export interface Seal {
  readonly manifest: Manifest;
  readonly event_id: string;
  readonly digest: string;
}

/** Other fields of a stored row are not part of the event. Released: another order would break every seal. */
function canonical(event: AuditEvent): string {
  const { event_id, timestamp_ms, tenant_id, action, outcome, user_id, device_id } = event;
  const { target, ip, user_agent, request_id, source, detail } = event;
  const who = [event_id, timestamp_ms, tenant_id, action, outcome, user_id, device_id];
  return JSON.stringify([...who, target, ip, user_agent, request_id, source, detail]);
}

/** SHA-256 of all of an event, alike in both stores: one too large for a document counts as it travels. */
export function digestOf(event: AuditEvent): string {
  return hash('sha256', canonical(fitting(event)), 'base64url');
}

/** The same for whoever makes it, so that of two sealers at once one loses. */
export function sealId(tenant_id: string, seal: number): string {
  return derivedId(['seal', tenant_id, seal]);
}

/** The event that a manifest is stored as. Its target is a checksum, so that no part of it changes unseen. */
export function sealEvent(tenant_id: string, manifest: Manifest): AuditEvent {
  const detail = JSON.stringify(manifest);
  return {
    event_id: sealId(tenant_id, manifest.seal),
    timestamp_ms: manifest.sealed_ms,
    tenant_id,
    action: SEAL_ACTION,
    outcome: 'success',
    user_id: null,
    device_id: null,
    target: hash('sha256', detail, 'base64url'),
    ip: null,
    user_agent: null,
    request_id: null,
    source: 'schedule',
    detail,
  };
}

/** Null for an event that is no seal as `sealEvent` makes them. */
export function readSeal(event: AuditEvent): Seal | null {
  const manifest = manifestOf(event);
  if (manifest === null) return null;
  const digest = digestOf(event);
  if (digestOf(sealEvent(event.tenant_id, manifest)) !== digest) return null;
  return { manifest, event_id: event.event_id, digest };
}

function manifestOf({ action, detail }: AuditEvent): Manifest | null {
  if (action !== SEAL_ACTION || detail === null) return null;
  try {
    return Manifest.safeParse(JSON.parse(detail)).data ?? null;
  } catch {
    return null;
  }
}

/** A seal as people see it: how much it covers, not what. Any other event as it is. */
export function shortened(event: AuditEvent): AuditEvent {
  if (event.action !== SEAL_ACTION) return event;
  const manifest = manifestOf(event);
  return { ...event, target: null, detail: manifest === null ? 'a seal that cannot be read' : summaryOf(manifest) };
}

function summaryOf({ seal, from_ms, until_ms, events }: Manifest): string {
  const count = `${events.length} ${events.length === 1 ? 'event' : 'events'}`;
  const until = new Date(until_ms).toISOString();
  if (events.length > 0 && from_ms === until_ms && events.every(([, timestamp_ms]) => timestamp_ms < from_ms)) {
    return `seal ${seal}: ${count} that came late, from before ${until}`;
  }
  const from = from_ms === 0 ? '' : `from ${new Date(from_ms).toISOString()} `;
  return `seal ${seal}: ${count} ${from}until ${until}`;
}
