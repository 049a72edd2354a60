/** Spoils a body as text: JSON that two readers would understand differently, and bytes that are none. */
import type { ProblemCode } from '@bas/core/errors';
import type { Random } from './random.ts';
import { JSON_TYPE, requestOf, type Spoil } from './valid.ts';

const MAX_BODY_BYTES = 1_048_576;
const MALFORMED: readonly ProblemCode[] = ['malformed_request'];

function inText(kind: string, change: (random: Random, text: string) => string | Buffer, must = MALFORMED): Spoil {
  return (random, draft) => {
    if (typeof draft.body !== 'object' || draft.body === null) return null;
    const body = Buffer.from(change(random, JSON.stringify(draft.body)));
    return requestOf(draft, kind, { headers: [JSON_TYPE], body, must });
  };
}

/** Puts `member` into an object of the text, first or last. */
function withMember(random: Random, text: string, member: string): string {
  if (random.chance(0.5)) return text.replace('{', text.startsWith('{}') ? `{${member}` : `{${member},`);
  return text.replace(/\}$/, text.endsWith('{}') ? `${member}}` : `,${member}}`);
}

const duplicate = inText('json: duplicate key', (random, text) => {
  const members = [...text.matchAll(/"([a-z_]+)":(?:"[^"]*"|[\w.-]+|\{\}|\[\])/g)];
  const [member = '"x":1', name = 'x'] = members.length === 0 ? [] : random.pick(members);
  const unequal = random.pick(['0', '{}', 'null', '"x"', '[1]']);
  const [first = ''] = name;
  const escaped = `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;
  const second = random.pick([member, `"${name}":${unequal}`, `"${escaped}":${unequal}`]);
  return members.length === 0 ? '{"x":1,"x":1}' : text.replace(member, `${member},${second}`);
});
const prototype = inText('json: prototype key', (random, text) => {
  const key = random.pick([
    '__proto__',
    '\\u005f_proto__',
    '\\u005F\\u005Fproto\\u005f_',
    'constructor',
    'prototype',
    'c\\u006fnstructor',
  ]);
  const value = random.pick(['{"polluted":true}', '{"prototype":{"polluted":true}}', 'null', '[]', '1']);
  return withMember(random, text, `"${key}":${value}`);
});
const NUMBERS = [
  'NaN',
  '-NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '-1e999',
  '9007199254740993',
  '-9007199254740993',
  '12345678901234567890',
  '1e400',
  '1e-400',
  '0.1e-500',
  '01',
  '+1',
  '1.',
  '.5',
  '0x10',
  '1_000',
  '1e',
  '--1',
  '1e20',
  `1${'0'.repeat(400)}`,
  '9'.repeat(50_000),
  `0.${'0'.repeat(50_000)}1`,
  '1n',
  '٣',
];
const number = inText('json: number', (random, text) => {
  const bad = random.pick(NUMBERS);
  const numbers = [...text.matchAll(/(?<=[:[])-?\d[\d.]*(?=[,}\]])/g)];
  if (numbers.length === 0) return withMember(random, text, `"x":${bad}`);
  const { index, 0: old } = random.pick(numbers);
  return `${text.slice(0, index)}${bad}${text.slice(index + old.length)}`;
});
const deep = inText(
  'json: deep',
  (random, text) => {
    const depth = random.pick([33, 64, 1_000, 20_000, 200_000]);
    const open = random.pick(['[', '{"a":']);
    const whole = `${open.repeat(depth)}0${(open === '[' ? ']' : '}').repeat(depth)}`;
    return random.pick([whole, open.repeat(depth), withMember(random, text, `"x":${whole}`)]);
  },
  ['malformed_request', 'body_too_large'],
);
const SYNTAX: readonly ((text: string, random: Random) => string)[] = [
  (text, random) => text.slice(0, random.int(0, text.length - 1)),
  (text) => `${text},`,
  (text) => `${text}${text}`,
  (text) => text.replace(/\}$/, ',}'),
  (text) => `/* x */${text}`,
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace(/"(\w+)":/, '$1:'),
  (text) => text.replace(':', '='),
  (text) => text.replace('"', '"\n'),
  (text) => text.replace('"', '"\\x41'),
  (text) => text.replace('"', '"\\u00'),
  (text) => text.replace('"', '"\\ud800'),
  (text) => text.replace('"', '"\\udc00\\ud800'),
  (text) => text.replace('{', '{\u00a0'),
  (text) => `\ufeff${text}`,
  (text) => `)]}',\n${text}`,
  (text) => `${text}\u0000`,
  () => '',
  () => ' \r\n\t',
  () => 'undefined',
  () => '<xml/>',
  (text) => text.slice(0, -1),
];
const syntax = inText('json: syntax', (random, text) => random.pick(SYNTAX)(text, random));
const INVALID = [
  [0xff],
  [0xfe],
  [0x80],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xf8],
];
const encoding = inText('json: encoding', (random, text) => {
  const utf16 = Buffer.from(text, 'utf16le');
  const at = text.indexOf('"') + 1;
  const invalid = [text.slice(0, at), Buffer.from(random.pick(INVALID)), text.slice(at)].map((part) =>
    Buffer.from(part),
  );
  return random.pick([
    utf16,
    Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    utf16.swap16(),
    Buffer.concat(invalid),
  ]);
});
const wide = inText('json: many keys', (random, text) => {
  const keys = Array.from({ length: random.pick([1_001, 20_000, 100_000]) }, (_none, at) => `"k${at.toString(36)}":0`);
  return random.chance(0.5) ? `{${keys.join(',')}}` : withMember(random, text, `"x":{${keys.join(',')}}`);
});
const tooLarge = inText(
  'json: over the limit',
  (random, text) => {
    const bytes = random.pick([MAX_BODY_BYTES + 1, MAX_BODY_BYTES + 1, 3 * MAX_BODY_BYTES]);
    return random.chance(0.5) ? text.padEnd(bytes) : Buffer.alloc(bytes, '[');
  },
  ['body_too_large'],
);

function loosely(kind: string, change: (random: Random, text: string) => string | Buffer): Spoil {
  return (random, draft) => {
    if (draft.body === undefined) return null;
    const text = JSON.stringify(draft.body);
    return requestOf(draft, kind, { headers: [JSON_TYPE], body: Buffer.from(change(random, text)) });
  };
}

const atLimit = loosely('json: at the limit', (random, text) =>
  random.chance(0.5) ? text.padEnd(MAX_BODY_BYTES) : text.padStart(MAX_BODY_BYTES),
);
const flipped = loosely('json: flipped bytes', (random, text) => {
  const bytes = Buffer.from(text);
  for (let flips = random.int(1, 4); flips > 0; flips -= 1) bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
  return bytes;
});
const noise = loosely('json: noise', (random) => random.bytes(random.int(1, 300)));
const negativeZero = loosely('json: -0', (_random, text) => text.replace(/(?<="m\w+":)-?\d+(?:\.\d+)?/, '-0'));

export const JSON_SPOILS: readonly Spoil[] = [
  duplicate,
  duplicate,
  prototype,
  number,
  number,
  deep,
  syntax,
  syntax,
  encoding,
  wide,
  tooLarge,
  atLimit,
  flipped,
  flipped,
  noise,
  negativeZero,
];
