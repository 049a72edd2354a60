/**
 * Whether a request is one that a Google API publishes: method, path, parameters and body, by the API's own discovery
 * document. `apis/` has those documents, from google-api-python-client 2.201.0 (Apache 2.0), cut down to what
 * provisioning may call and without their prose.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Shape = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.string()).optional(),
  readOnly: z.boolean().optional(),
  repeated: z.boolean().optional(),
  $ref: z.string().optional(),
  get items() {
    return Shape.optional();
  },
  get additionalProperties() {
    return Shape.optional();
  },
  get properties() {
    return z.record(z.string(), Shape).optional();
  },
});
type Shape = z.infer<typeof Shape>;

const Method = z.object({
  httpMethod: z.string(),
  flatPath: z.string(),
  parameters: z.record(z.string(), z.looseObject({ location: z.string(), repeated: z.boolean().optional() })),
  request: z.string().optional(),
});

const Document = z.object({
  parameters: z.record(z.string(), z.unknown()),
  methods: z.record(z.string(), Method),
  schemas: z.record(z.string(), Shape),
});
type Document = z.infer<typeof Document>;

export interface Sent {
  readonly method: string;
  /** Without the leading slash, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Undefined when none was sent. */
  readonly body: unknown;
}

export type Verdict =
  | { readonly kind: 'known'; readonly method: string; readonly names: readonly string[] }
  | { readonly kind: 'wrong'; readonly why: string };

export function readApi(file: string): Document {
  return Document.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'apis', `${file}.json`), 'utf8')));
}

/** By the name of a field that holds an enumeration: the first values of its enumerations. */
export function zeroValues(apis: readonly Document[]): ReadonlyMap<string, ReadonlySet<string>> {
  const fields = apis.flatMap(({ schemas }) =>
    Object.values(schemas).flatMap((one) => Object.entries(one.properties ?? {})),
  );
  const zeros = fields.flatMap(([name, shape]) =>
    shape.enum === undefined ? [] : [{ name, zero: shape.enum[0] ?? '' }],
  );
  const byName = Map.groupBy(zeros, ({ name }) => name);
  return new Map([...byName].map(([name, all]) => [name, new Set(all.map(({ zero }) => zero))]));
}

/** Which method of `apis` this is, and the variable parts of its path; or what is wrong with it. */
export function checkRequest(apis: readonly Document[], sent: Sent): Verdict {
  for (const api of apis) {
    for (const [name, method] of Object.entries(api.methods)) {
      if (method.httpMethod !== sent.method) continue;
      const found = pattern(method.flatPath).exec(sent.path);
      if (found === null) continue;
      const allowed = { ...api.parameters, ...method.parameters };
      const stranger = [...sent.query.keys()].find((key) => !Object.hasOwn(allowed, key));
      if (stranger !== undefined) return { kind: 'wrong', why: `${name}: no parameter ${stranger}` };
      const why =
        method.request === undefined ? unexpected(sent.body) : fault(api, { $ref: method.request }, sent.body);
      return why === null
        ? { kind: 'known', method: name, names: found.slice(1) }
        : { kind: 'wrong', why: `${name}: ${why}` };
    }
  }
  return { kind: 'wrong', why: `no method for ${sent.method} ${sent.path}` };
}

/** `v1/projects/{projectsId}/services/{servicesId}:enable` */
function pattern(flatPath: string): RegExp {
  const parts = flatPath.split(/\{\+?\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('([^/:]+)')}$`);
}

function unexpected(body: unknown): string | null {
  return body === undefined || JSON.stringify(body) === '{}' ? null : 'takes no body';
}

/** What is wrong with `value`; null when it fits. */
function fault(api: Document, shape: Shape, value: unknown, path = 'body'): string | null {
  if (shape.$ref !== undefined) {
    const target = api.schemas[shape.$ref];
    return target === undefined ? `${path}: no schema ${shape.$ref}` : fault(api, target, value ?? {}, path);
  }
  switch (shape.type) {
    case 'object':
      return objectFault(api, shape, value, path);
    case 'array':
      if (!Array.isArray(value)) return `${path} is no list`;
      return firstOf(value.entries(), ([at, one]) => fault(api, shape.items ?? {}, one, `${path}.${at}`));
    case 'string':
      return stringFault(shape, value, path);
    case 'boolean':
      return typeof value === 'boolean' ? null : `${path} is no boolean`;
    case 'integer':
      return Number.isInteger(value) ? null : `${path} is no integer`;
    case 'number':
      return typeof value === 'number' ? null : `${path} is no number`;
    default:
      return null;
  }
}

function objectFault(
  api: Document,
  { properties, additionalProperties }: Shape,
  value: unknown,
  path: string,
): string | null {
  const record = z.record(z.string(), z.unknown()).safeParse(value);
  if (!record.success) return `${path} is no object`;
  return firstOf(Object.entries(record.data), ([name, one]) => {
    const shape = properties?.[name] ?? additionalProperties;
    if (shape === undefined) return `${path} has no field ${name}`;
    return fault(api, shape, one, `${path}.${name}`);
  });
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  int64: /^-?\d+$/,
  byte: /^[A-Za-z0-9+/_-]*={0,2}$/,
  'google-duration': /^-?\d+(\.\d{1,9})?s$/,
  'google-fieldmask': /^[\w.]+(,[\w.]+)*$/,
};

function stringFault(shape: Shape, value: unknown, path: string): string | null {
  if (typeof value !== 'string') {
    return shape.format === 'int64' && Number.isInteger(value) ? null : `${path} is no string`;
  }
  if (shape.enum !== undefined && !shape.enum.includes(value)) return `${path} may not be ${value}`;
  const format = FORMATS[shape.format ?? ''];
  return format === undefined || format.test(value) ? null : `${path} is no ${String(shape.format)}: ${value}`;
}

function firstOf<T>(items: Iterable<T>, judge: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = judge(item);
    if (found !== null) return found;
  }
  return null;
}
