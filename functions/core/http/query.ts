import * as z from 'zod';
import { Problem } from '../errors.ts';

const MAX_QUERY_LENGTH = 8_192;
/** What was sent is told back, but not all of it. */
const MAX_DETAIL_LENGTH = 300;

/** Parses a query strictly: a repeated or unknown parameter is refused, never resolved. */
export function parseQuery<T>(query: string, schema: z.ZodType<T>): T {
  return parseInput(queryObject(query), schema, 'query');
}

/** Checks `value` against the route's schema; the first fault becomes the 400's detail. */
export function parseInput<T>(value: unknown, schema: z.ZodType<T>, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue === undefined || issue.path.length === 0 ? where : issue.path.map(String).join('.');
  throw new Problem('malformed_request', `${path}: ${faultOf(issue)}.`.slice(0, MAX_DETAIL_LENGTH));
}

/** The validator's finding in the words of who sent the request. */
function faultOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'is not valid';
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'unrecognized_keys':
      return `${issue.keys.map((key) => JSON.stringify(key)).join(', ')} is not known`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object of names and values',
};

function queryObject(query: string): Record<string, string> {
  if (query.length > MAX_QUERY_LENGTH) throw new Problem('malformed_request', 'The query is too long.');
  const entries = new Map<string, string>();
  if (query === '') return {};
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    const name = decodeComponent(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : decodeComponent(pair.slice(at + 1));
    if (!/^[a-z_]{1,64}$/.test(name)) throw new Problem('malformed_request', 'A query parameter is not known.');
    if (entries.has(name)) throw new Problem('malformed_request', `${name}: is given more than once.`);
    entries.set(name, value);
  }
  return Object.fromEntries(entries);
}

function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Problem('malformed_request', 'The query is not valid percent-encoding.');
  }
}

/** A whole number in a query, within bounds. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .meta({ query: { type: 'integer', minimum: min, maximum: max } });
}
