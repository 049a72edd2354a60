/** What this browser keeps for the page: small choices, never data. Where storage is forbidden, nothing is kept. */
export function recall(key: string): string | null {
  try {
    return sessionStorage.getItem(key) ?? localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** For this tab, and for those that are opened later. */
export function keep(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
    localStorage.setItem(key, value);
  } catch {
    // Then it is asked for again.
  }
}
