/** A person's name as a log may show it: enough to tell colleagues apart, not enough to name one. */

const CLASSES = [
  [4, '3-4'],
  [8, '5-8'],
  [16, '9-16'],
] as const;

/** The first character and about how long it is, such as `a*** (5-8)`. A name of one or two shows none of it. */
export function maskedUsername(username: string): string {
  const characters = Array.from(username);
  if (characters.length < 3) return '*** (1-2)';
  const [, length] = CLASSES.find(([at_most]) => characters.length <= at_most) ?? [0, '17 or more'];
  return `${characters[0] ?? ''}*** (${length})`;
}
