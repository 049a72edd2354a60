/** Passwords as the server takes them: their length is what makes them strong, so there are no other rules. */
const MIN_BYTES = 12;
const MAX_BYTES = 1_024;
const MADE_UP_LENGTH = 20;
/** Without what looks alike; 32 of them, so that each is as likely as the others. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

export const PASSWORD_HINT = 'At least 12 characters; any kind. A few words make a good one.';

/** What is wrong with a new password; null when nothing is. */
export function passwordTrouble(password: string): string | null {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < MIN_BYTES) return `At least ${MIN_BYTES} characters: ${MIN_BYTES - bytes} more.`;
  return bytes > MAX_BYTES ? 'At most 1,024 bytes.' : null;
}

/** 100 bits of chance, easy to read aloud. */
export function madeUpPassword(): string {
  const chance = crypto.getRandomValues(new Uint8Array(MADE_UP_LENGTH));
  const letters = [...chance].map((byte) => LETTERS.charAt(byte % LETTERS.length)).join('');
  return letters.replace(/.{5}(?=.)/g, '$&-');
}
