/** Audit events that no Firestore document can hold: they travel with their long texts cut. */
import { hash } from 'node:crypto';
import type { AuditEvent } from './audit.ts';

/** Of all texts together; well below the 1 MiB of a document. */
const MAX_TEXT_BYTES = 900_000;
/** What is kept of each text of an event that is larger. */
const KEPT_BYTES = 65_536;

/** The event itself when a document can hold it, else one that says where it was cut. */
export function fitting(event: AuditEvent): AuditEvent {
  if (textBytes(event) <= MAX_TEXT_BYTES) return event;
  const { user_id, device_id, target, ip, user_agent, request_id, detail } = event;
  return {
    ...event,
    user_id: cut(user_id),
    device_id: cut(device_id),
    target: cut(target),
    ip: cut(ip),
    user_agent: cut(user_agent),
    request_id: cut(request_id),
    detail: cut(detail),
  };
}

function textBytes(event: AuditEvent): number {
  return Object.values(event).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value ?? '')), 0);
}

function cut(text: string | null): string | null {
  const bytes = Buffer.from(text ?? '');
  if (bytes.length <= KEPT_BYTES) return text;
  // Streaming, so that half a character at the end is left out.
  const kept = new TextDecoder().decode(bytes.subarray(0, KEPT_BYTES), { stream: true });
  const whole = hash('sha256', bytes, 'hex');
  return `${kept}… (cut: ${bytes.length.toLocaleString('en')} bytes in the box's file, SHA-256 ${whole})`;
}
