/** Spoils a request where its description says what must be there: parameters in a query and in a path. */
import type { ProblemCode } from '@bas/core/errors';
import type { Parameter } from './description.ts';
import type { Random } from './random.ts';
import { queryText, requestOf, type Draft, type QueryPair, type Spoil } from './valid.ts';
import { EVIL_IDS, ODD_IDS } from './values.ts';

const NO_SUCH: readonly ProblemCode[] = ['malformed_request', 'not_found', 'device_forbidden', 'method_not_allowed'];

function inQuery(
  kind: string,
  change: (random: Random, draft: Draft, known: readonly Parameter[]) => string | null,
): Spoil {
  return (random, draft) => {
    const { operation } = draft;
    const known = operation.parameters.filter(({ in: place }) => place === 'query');
    const query = change(random, draft, known);
    if (query === null) return null;
    const { target, ...rest } = requestOf(draft, kind);
    const must: readonly ProblemCode[] = ['malformed_request', 'invalid_cursor'];
    return { ...rest, target: `${target.split('?', 1)[0] ?? ''}${query}`, must };
  };
}

const more = (query: readonly QueryPair[], text: string): string =>
  `${queryText(query)}${query.length === 0 ? '?' : '&'}${text}`;

const unknownParameter = inQuery('query: unknown', (random, { query }) =>
  more(
    query,
    random.pick([
      'x=1',
      '__proto__=1',
      'constructor=x',
      '__proto__[x]=1',
      'tenant_id=globex',
      'LIMIT=1',
      '=',
      '%',
      '%ff=1',
      'a%00=1',
      '&',
    ]),
  ),
);
const repeatedParameter = inQuery('query: repeated', (random, _draft, known) => {
  if (known.length === 0) return null;
  const { name } = random.pick(known);
  return random.pick([
    `?${name}=1&${name}=1`,
    `?${name}=1&${name}=2`,
    `?${name}[]=1`,
    `?${name}%5B%5D=1`,
    `?${name}[a]=1`,
  ]);
});
const manyParameters = inQuery('query: 2,000', (random, { query }) => {
  const [first, second] = random.chance(0.5) ? ['x', ''] : ['', 'x'];
  return more(
    query,
    Array.from({ length: 2_000 }, (_none, at) => `${first}${random.chance(0.5) ? at : ''}${second}=1`).join('&'),
  );
});
const wrongParameter = inQuery('query: wrong value', (random, { query }, known) => {
  const typed = known.filter(({ schema }) => schema.type === 'integer' || schema.enum !== undefined);
  if (typed.length === 0) return null;
  const { name, schema } = random.pick(typed);
  const numbers = [
    '-1',
    '1e9',
    '0x10',
    '1.5',
    '',
    ' 1',
    '+1',
    '01',
    'NaN',
    '9007199254740993',
    '99999999999999999999',
    '１',
  ];
  const beyond = String((schema.maximum ?? 0) + 1);
  const value = schema.type === 'integer' ? random.pick([...numbers, beyond]) : random.pick(EVIL_IDS);
  return queryText([...query.filter(([other]) => other !== name), [name, value]]);
});
const wrongCursor = inQuery('query: cursor', (random, { query }, known) => {
  if (!known.some(({ name }) => name === 'cursor')) return null;
  const forged = Buffer.from(JSON.stringify([1, random.text(16), random.pick(EVIL_IDS)])).toString('base64url');
  const cursor = random.pick([
    forged,
    `${forged}=`,
    forged.slice(1),
    '',
    'x'.repeat(1_025),
    'W10',
    '/',
    random.pick(EVIL_IDS),
  ]);
  return queryText([...query, ['cursor', cursor]]);
});
const missingParameter = inQuery('query: missing', (random, { query }, known) => {
  const required = known.filter(({ required: needed }) => needed);
  if (required.length === 0) return null;
  const { name } = random.pick(required);
  return queryText(query.filter(([other]) => other !== name));
});

const evilParams: Spoil = (random, draft) => {
  const names = Object.keys(draft.params);
  if (names.length === 0) return null;
  const id = random.pick([...EVIL_IDS, ...ODD_IDS]);
  const once = encodeURIComponent(id);
  const written = random.pick([
    once,
    encodeURIComponent(once),
    once.replaceAll('.', '%2e'),
    '%ff',
    '%',
    '%c0%af',
    '%00',
    '',
  ]);
  const asked = random.pick(names);
  const path = draft.operation.path.replace(/\{([a-z_]+)\}/g, (_all, name: string) =>
    name === asked ? written : encodeURIComponent(draft.params[name] ?? ''),
  );
  const must = ODD_IDS.includes(written) ? {} : { must: NO_SUCH };
  return requestOf(draft, 'path: evil id', { target: path, ...must });
};

export const QUERY_SPOILS: readonly Spoil[] = [
  unknownParameter,
  repeatedParameter,
  manyParameters,
  wrongParameter,
  wrongCursor,
  missingParameter,
  evilParams,
];
