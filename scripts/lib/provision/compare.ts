/** What is declared against what is there. The services add fields of their own, and leave out empty ones. */

/** The first place where `actual` is not as `wanted` says, as `conditions.0.duration: 0s, not 900s`; null where none is. */
export function difference(wanted: unknown, actual: unknown, path = ''): string | null {
  if (isEmpty(wanted) && (actual === undefined || isEmpty(actual))) return null;
  if (isList(wanted)) return listDifference(wanted, actual, path);
  if (isRecord(wanted)) {
    if (!isRecord(actual)) return tell(path, wanted, actual);
    for (const [name, value] of Object.entries(wanted)) {
      const found = difference(value, actual[name], path === '' ? name : `${path}.${name}`);
      if (found !== null) return found;
    }
    return null;
  }
  return wanted === actual ? null : tell(path, wanted, actual);
}

function listDifference(wanted: readonly unknown[], actual: unknown, path: string): string | null {
  if (!isList(actual) || actual.length !== wanted.length) return tell(path, wanted, actual);
  for (const [at, value] of wanted.entries()) {
    const found = difference(value, actual[at], `${path}.${at}`);
    if (found !== null) return found;
  }
  return null;
}

/** Over the wire, a field with its type's first value looks like one that was never set. */
function isEmpty(value: unknown): boolean {
  return value === 0 || value === '' || value === false || (isList(value) && value.length === 0);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !isList(value);
}

function tell(path: string, wanted: unknown, actual: unknown): string {
  return `${path}: ${brief(actual)}, not ${brief(wanted)}`;
}

function brief(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value;
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
