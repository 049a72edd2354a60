import { hash, randomBytes, randomUUID } from 'node:crypto';

/** Where identifiers and secrets come from. Passed in, so tests can make them repeatable. */
export interface Ids {
  /** A UUIDv4: users, audit events, requests, sessions as their owner sees them. Never a secret. */
  uuid(): string;
  /** 256 random bits, base64url: session tokens and device key secrets. */
  secret(): string;
  /** 128 random bits as lower-case hex: the public half of a device key. */
  keyId(): string;
}

export const systemIds: Ids = {
  uuid: () => randomUUID(),
  secret: () => randomBytes(32).toString('base64url'),
  keyId: () => randomBytes(16).toString('hex'),
};

/** SHA-256 in hex. Enough for secrets that carry 256 bits of their own; passwords go through Argon2id instead. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
