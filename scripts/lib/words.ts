/** `1 point`, `2 points`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/**
 * One line for a terminal. What comes from a file, a store or a device may hold control characters, which would move the
 * cursor or forge further lines, and marks that turn the reading direction round: each is written as its escape.
 */
export function printable(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
