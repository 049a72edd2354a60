/** What `infra/` declares, with the project, the environment and the doors filled in. */
import { SetupError } from '@bas/core/errors';
import { DOOR_SERVICES } from '@bas/core/observability/log-metrics';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { rootDir } from '../paths.ts';

export const ENVIRONMENTS = ['dev', 'stg', 'prod'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** Where things are put. */
export interface Place {
  readonly project: string;
  readonly env: Environment;
}

/** A resource in the shape of its API: what is not said is left as it is. */
export type Resource = Readonly<Record<string, unknown>>;
const Resource = z.record(z.string(), z.unknown());
const Named = z.looseObject({ id: z.string() });

const Accounts = z.strictObject({
  account: z.strictObject({ id: z.string(), displayName: z.string() }),
  customRole: z.strictObject({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    stage: z.string(),
    includedPermissions: z.array(z.string()),
  }),
  projectRoles: z.array(z.string()),
  secretRole: z.string(),
  /** What functions mount; the other secrets are for whoever runs a command or a box. */
  secrets: z.array(z.string()),
});
const Protection = z.strictObject({ deleteProtection: z.boolean(), pointInTimeRecovery: z.boolean() });
const Database = z.strictObject({ locationId: z.string(), dev: Protection, stg: Protection, prod: Protection });

/** An alert policy carries its id as a label, since the service gives it a name of its own. */
const Alert = z.looseObject({ displayName: z.string(), userLabels: z.strictObject({ bas_id: z.string() }) });

/** Reads every file of `infra/` for one place. */
export function readDeclared(place: Place) {
  const read = <T>(file: string, schema: z.ZodType<T>): T => readFile(file, schema, place);
  return {
    services: read('services', z.array(z.string())),
    accounts: read('accounts', Accounts),
    secrets: read('secrets', z.array(z.string())),
    database: read('database', Database),
    log_metrics: read('log-metrics', z.array(z.looseObject({ name: z.string() }))),
    alerts: read('alerts', z.array(Alert)),
    dashboard: read('dashboard', z.looseObject({ displayName: z.string() })),
    slos: read('slos', z.strictObject({ service: Named, objectives: z.array(Named) })),
  };
}

export type Declared = ReturnType<typeof readDeclared>;

function readFile<T>(name: string, schema: z.ZodType<T>, { project, env }: Place): T {
  const text = readFileSync(join(rootDir, 'infra', `${name}.json`), 'utf8')
    .replaceAll('${project}', project)
    .replaceAll('${env}', env)
    .replaceAll('${doors}', JSON.stringify(DOOR_SERVICES).slice(1, -1));
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new SetupError(`infra/${name}.json: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
}

/** What an API answered, as a record; throws for anything else. */
export function asResource(value: unknown): Resource {
  return Resource.parse(value);
}
