/** Values that a schema allows, and values that somebody means harm by. */
import type { Schema } from './description.ts';
import type { Random } from './random.ts';

/** What exists on a server under attack, so that a request can get as far as it may. */
export interface Known {
  readonly now_ms: number;
  readonly tenant_id: string;
  readonly device_id: string;
  /** Of a device that may be changed and disabled at will; nobody posts as it. */
  readonly victim_device_id: string;
  readonly key_id: string;
  /** Of somebody who may be changed and ended at will; nobody signs in as them. */
  readonly user_id: string;
  readonly session_id: string;
}

/** Ids that climb, address something else, or are longer than a store takes: as they are before any encoding. */
export const EVIL_IDS: readonly string[] = [
  'a/b/c',
  '.',
  '..',
  '../../etc/passwd',
  '__x__',
  '__proto__',
  'a\u0000b',
  '\u0000',
  'x'.repeat(1_501),
  'é'.repeat(751),
  '%2F',
  '%252F',
  '%',
  "' OR 1=1 --",
  "'; DROP TABLE users; --",
  '%_',
  '`x`',
  '[*]',
  '~',
  'a~b',
  'cafe\u0301',
  'caf\u00e9',
  '\u202egnp.exe',
  '\ufeffacme',
  '\ud83d\ude00',
  'line\r\nSet-Cookie: a=b',
  '\u001b[31mred',
  '{"severity":"ERROR"}',
  '=cmd|calc!A0',
  '${jndi:ldap://x}',
  '-1',
  ' ',
  'acme ',
];

/** Ids that only a careless program makes; they are allowed, and somebody may have registered one. */
export const ODD_IDS: readonly string[] = ['constructor', 'null', 'undefined'];

/** Texts for any place that takes one. */
export const EVIL_TEXTS: readonly string[] = [
  ...EVIL_IDS,
  ...ODD_IDS,
  '',
  'toString',
  'hasOwnProperty',
  'a.b',
  'x'.repeat(257),
  'x'.repeat(100_000),
  `${' '.repeat(50_000)}x`,
  `${'a'.repeat(50_000)}!`,
  'a@'.repeat(25_000),
  '\u2028\u2029',
  'ﷺ'.repeat(1_000),
];

const OTHERS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  '',
  'x',
  '1',
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  [{}],
];

/** A value that `schema` allows. `name` says what it is for: some names stand for what exists. */
export function validValue(random: Random, schema: Schema, name: string, known: Known): unknown {
  const own = knownValue(random, name, known);
  if (own !== undefined) return own;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return validValue(random, random.pick(choices), name, known);
  switch (typeof schema.type === 'object' ? random.pick(schema.type) : schema.type) {
    case 'string':
      return random.text(random.int(12, Math.min(20, schema.maxLength ?? 20)));
    case 'integer':
      return random.int(schema.minimum ?? 0, Math.min(schema.maximum ?? 1_000, (schema.minimum ?? 0) + 1_000));
    case 'number':
      return random.int(-1_000, 1_000) / 8;
    case 'boolean':
      return random.chance(0.5);
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () =>
        validValue(random, schema.items ?? {}, name, known),
      );
    case 'object':
      return validObject(random, schema, known);
    case 'null':
      return null;
    default:
      return random.pick(OTHERS);
  }
}

function validObject(random: Random, schema: Schema, known: Known): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties: more } = schema;
  const kept = Object.entries(properties).filter(([name]) => required.includes(name) || random.chance(0.5));
  const made = kept.map(([name, one]): [string, unknown] => [name, validValue(random, one, name, known)]);
  if (typeof more === 'object') made.push([`m${random.text(3)}`, validValue(random, more, '', known)]);
  return Object.fromEntries(made);
}

function knownValue(random: Random, name: string, known: Known): unknown {
  switch (name) {
    case 'timestamp_ms':
      return known.now_ms - random.int(0, 3_600_000);
    case 'start_ms':
      return known.now_ms - 3_600_000;
    case 'end_ms':
      return known.now_ms;
    case 'device_id':
    case 'device_ids':
      return known.device_id;
    case 'victim_device_id':
      return known.victim_device_id;
    case 'key_id':
      return known.key_id;
    case 'user_id':
      return known.user_id;
    case 'session_id':
      return known.session_id;
    case 'metrics_list':
      return 'a,b';
    default:
      return undefined;
  }
}

/** A value of another type than `schema` allows; undefined where it allows all. */
export function wrongType(random: Random, schema: Schema): unknown {
  const allowed = typesOf(schema);
  if (allowed.size === 0) return undefined;
  return random.pick(OTHERS.filter((value) => !allowed.has(typeOf(value))));
}

function typesOf({ type, anyOf, oneOf, enum: values, const: one }: Schema): ReadonlySet<string> {
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return new Set(choices.flatMap((choice) => [...typesOf(choice)]));
  const listed = values ?? (one === undefined ? [] : [one]);
  const named = typeof type === 'string' ? [type] : (type ?? []);
  return new Set([...named, ...listed.map(typeOf)].map((name) => (name === 'integer' ? 'number' : name)));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
