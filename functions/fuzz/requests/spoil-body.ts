/** Spoils a request where its description says what must be there: types, bounds and members of a body. */
import type { ProblemCode } from '@bas/core/errors';
import type { Schema } from './description.ts';
import type { Random } from './random.ts';
import { requestOf, type Spoil } from './valid.ts';
import { EVIL_TEXTS, wrongType } from './values.ts';

const MALFORMED: readonly ProblemCode[] = ['malformed_request'];
/** A point is judged by itself; a request of one bad point is refused as one that held nothing good. */
const REFUSED: readonly ProblemCode[] = ['malformed_request', 'nothing_accepted'];

/** One place in a body, with the schema that holds there. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: Schema;
  readonly value: unknown;
}

function placesIn(value: unknown, schema: Schema, path: readonly (string | number)[] = []): readonly Place[] {
  const chosen = schema.oneOf?.find(({ properties }) => properties?.['action']?.const === memberOf(value, 'action'));
  const here = chosen ?? schema;
  const own: Place = { path, schema: here, value };
  if (Array.isArray(value)) {
    return [own, ...value.flatMap((item, at) => placesIn(item, here.items ?? {}, [...path, at]))];
  }
  if (typeof value !== 'object' || value === null) return [own];
  const more = typeof here.additionalProperties === 'object' ? here.additionalProperties : {};
  const inside = Object.entries(value).flatMap(([name, member]) =>
    placesIn(member, here.properties?.[name] ?? more, [...path, name]),
  );
  return [own, ...inside];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The body with another value at `path`; `undefined` takes it out. */
function replaced(body: unknown, [step, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(body)) return body.map((item: unknown, at) => (at === step ? replaced(item, rest, value) : item));
  return { ...(body as object), [step]: replaced(memberOf(body, String(step)), rest, value) };
}

function inBody(
  kind: string,
  choose: (random: Random, place: Place) => { value: unknown; must?: boolean } | null,
): Spoil {
  return (random, draft) => {
    const { body: schema } = draft.operation;
    if (schema === null) return null;
    const place = random.pick(placesIn(draft.body, schema));
    const chosen = choose(random, place);
    if (chosen === null) return null;
    const body = replaced(draft.body, place.path, chosen.value);
    const refused = chosen.must === true ? { must: REFUSED } : {};
    return requestOf({ ...draft, body }, kind, refused);
  };
}

const wrongTypes = inBody('body: wrong type', (random, { schema }) => {
  const value = wrongType(random, schema);
  return value === undefined ? null : { value, must: true };
});
const outOfBounds = inBody('body: out of bounds', (random, { schema, path }) => {
  const { minimum, maximum, maxLength, maxItems } = schema;
  if (maximum !== undefined) return { value: random.chance(0.5) ? maximum + 1 : (minimum ?? 0) - 1, must: true };
  if (maxLength !== undefined) return { value: 'x'.repeat(maxLength + 1), must: true };
  if (maxItems !== undefined) return { value: random.chance(0.5) ? [] : Array(maxItems + 1).fill(0), must: true };
  if (path.at(-1) === 'timestamp_ms') return { value: random.pick([-1, 0, 1.5, 2 ** 53, 4e12, 1e15]), must: true };
  return null;
});
const missing: Spoil = (random, draft) => {
  const holders = placesIn(draft.body, draft.operation.body ?? {}).filter(({ schema }) => schema.required?.length);
  const [holder] = holders.length === 0 ? [] : [random.pick(holders)];
  if (holder === undefined) return null;
  const name = random.pick(holder.schema.required ?? []);
  return requestOf({ ...draft, body: replaced(draft.body, [...holder.path, name], undefined) }, 'body: missing', {
    must: REFUSED,
  });
};
const extra = inBody('body: extra member', (random, { schema, value }) => {
  if (schema.additionalProperties !== false || typeof value !== 'object') return null;
  const name = random.pick(['tenant_id', 'role_', 'owner', 'algo_params', 'isAdmin', '', 'toString', 'hasOwnProperty']);
  return { value: { ...value, [name]: 'x' }, must: true };
});
const evilText = inBody('body: evil text', (random, { value }) => {
  return typeof value === 'string' ? { value: random.pick(EVIL_TEXTS) } : null;
});
const evilName = inBody('body: evil name', (random, { schema }) => {
  if (typeof schema.additionalProperties !== 'object') return null;
  return { value: { [random.pick(EVIL_TEXTS)]: random.chance(0.5) ? 1 : 'x' } };
});
const noObject: Spoil = (random, draft) =>
  draft.body === undefined
    ? null
    : requestOf({ ...draft, body: random.pick([null, 1, 'x', [], true, [draft.body]]) }, 'body: no object', {
        must: MALFORMED,
      });

export const BODY_SPOILS: readonly Spoil[] = [wrongTypes, outOfBounds, missing, extra, evilText, evilName, noObject];
