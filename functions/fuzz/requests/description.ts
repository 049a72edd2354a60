/** The routes to attack, as the suite itself publishes them. */
import * as z from 'zod';
import type { Actor } from './request.ts';

/** As much of JSON Schema as the description uses. */
export interface Schema {
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  /** `POST /v1/telemetry`. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
  /** Who may do it. */
  readonly actor: Actor;
}

const SchemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    anyOf: z.array(SchemaShape).optional(),
    oneOf: z.array(SchemaShape).optional(),
    properties: z.record(z.string(), SchemaShape).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), SchemaShape]).optional(),
    items: SchemaShape.optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    maxLength: z.number().optional(),
    minItems: z.number().optional(),
    maxItems: z.number().optional(),
  }),
);

const OperationShape = z.looseObject({
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.looseObject({
      name: z.string(),
      in: z.enum(['path', 'query', 'header']),
      required: z.boolean(),
      schema: SchemaShape,
    }),
  ),
  requestBody: z
    .looseObject({ content: z.object({ 'application/json': z.object({ schema: SchemaShape }) }) })
    .optional(),
});
const DocumentShape = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), OperationShape)) });

/** Every operation of a published OpenAPI document. */
export function operationsOf(document: unknown): readonly Operation[] {
  const { paths } = DocumentShape.parse(document);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([name, { parameters, requestBody, security }]) => {
      const method = name.toUpperCase();
      const body = requestBody?.content['application/json'].schema ?? null;
      return { route: `${method} ${path}`, method, path, parameters, body, actor: actorOf(path, security) };
    }),
  );
}

function actorOf(path: string, security: readonly Readonly<Record<string, unknown>>[]): Actor {
  if (path === '/v1/cutover') return 'platform';
  if (security.some((one) => 'deviceKey' in one)) return 'device';
  return security.length === 0 ? 'nobody' : 'admin';
}
