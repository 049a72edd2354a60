import * as z from 'zod';

const MIN_BYTES = 12;
export const MAX_PASSWORD_BYTES = 1_024;

/**
 * A password as it is tried: exactly as typed, nothing trimmed, folded or cut (ASVS 5 V6.2.8). The upper limit keeps a
 * megabyte from being hashed.
 */
export const TriedPassword = z
  .string()
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .refine((text) => Buffer.byteLength(text) <= MAX_PASSWORD_BYTES, 'must be at most 1,024 bytes of UTF-8')
  .meta({ format: 'password', maxLength: MAX_PASSWORD_BYTES });

/** A password as it is set. Length is what makes it strong, so there are no rules about kinds of characters. */
export const NewPassword = TriedPassword.refine(
  (text) => Buffer.byteLength(text) >= MIN_BYTES,
  'must be at least 12 bytes of UTF-8',
).meta({ format: 'password', maxLength: MAX_PASSWORD_BYTES, description: '12 to 1,024 bytes of UTF-8' });
