/** What a deploy finds in a folder, by the Firebase CLI's own discovery. */
import { createRequire } from 'node:module';
import { z } from 'zod';
import { demoProject } from '../../../scripts/lib/paths.ts';

const Endpoint = z.object({
  platform: z.literal('gcfv2'),
  region: z.array(z.string()),
  runtime: z.literal('nodejs24'),
  entryPoint: z.string(),
  httpsTrigger: z.object({ invoker: z.array(z.string()) }).optional(),
  scheduleTrigger: z
    .object({ schedule: z.string(), timeZone: z.string(), retryConfig: z.object({ retryCount: z.number() }) })
    .optional(),
  availableMemoryMb: z.number(),
  /** Null leaves it to the platform: 80 with a whole CPU. */
  concurrency: z.number().nullable(),
  timeoutSeconds: z.number(),
  /** Asked for once, and kept in `.env.PROJECT`. */
  serviceAccount: z.literal('{{ params.SERVICE_ACCOUNT }}'),
  secretEnvironmentVariables: z.array(z.object({ key: z.string(), secret: z.string() })).default([]),
});
const Build = z.object({
  endpoints: z.record(z.string(), Endpoint),
  params: z.array(z.object({ name: z.literal('SERVICE_ACCOUNT') })).length(1),
});

interface Builds {
  resolveBackend(options: {
    build: unknown;
    firebaseConfig: { projectId: string };
    userEnvs: Readonly<Record<string, string>>;
    nonInteractive: boolean;
  }): Promise<{ backend: { endpoints: Record<string, Record<string, { serviceAccount?: string }>> } }>;
}

interface Runtimes {
  getRuntimeDelegate(context: Record<'projectId' | 'projectDir' | 'sourceDir' | 'runtime', string>): Promise<{
    validate(): Promise<void>;
    discoverBuild(config: object, env: object): Promise<unknown>;
  }>;
}

const require = createRequire(import.meta.url);
const runtimes = require('firebase-tools/lib/deploy/functions/runtimes') as Runtimes;
const builds = require('firebase-tools/lib/deploy/functions/build') as Builds;
/** Makes the CLI take the manifest from a file, which leaves no port and no timer behind. */
const byFile = 'FIREBASE_FUNCTIONS_DISCOVERY_OUTPUT_PATH';

/** A line for each function, sorted: name, trigger, region, memory, concurrency, timeout, secrets. */
export async function discover(folder: string): Promise<string[]> {
  const { endpoints } = Build.parse(await discoverBuild(folder));
  return Object.entries(endpoints).map(line).sort();
}

/** Whom the functions would run as, with these settings in `.env.PROJECT`; throws where a deploy would ask. */
export async function accountsOf(folder: string, userEnvs: Readonly<Record<string, string>>): Promise<string[]> {
  const build = await discoverBuild(folder);
  const firebaseConfig = { projectId: demoProject };
  const { backend } = await builds.resolveBackend({ build, firebaseConfig, userEnvs, nonInteractive: true });
  const endpoints = Object.values(backend.endpoints).flatMap((region) => Object.values(region));
  return [...new Set(endpoints.map(({ serviceAccount }) => serviceAccount ?? 'the default account'))];
}

async function discoverBuild(folder: string): Promise<unknown> {
  process.env[byFile] = 'true';
  try {
    const context = { projectId: demoProject, projectDir: folder, sourceDir: folder, runtime: 'nodejs24' };
    const delegate = await runtimes.getRuntimeDelegate(context);
    await delegate.validate();
    return await delegate.discoverBuild({}, {});
  } finally {
    Reflect.deleteProperty(process.env, byFile);
  }
}

function line([name, endpoint]: [string, z.infer<typeof Endpoint>]): string {
  const { entryPoint, region, availableMemoryMb, concurrency, timeoutSeconds, secretEnvironmentVariables } = endpoint;
  if (entryPoint !== name) throw new Error(`${name} enters at ${entryPoint}.`);
  const secrets = secretEnvironmentVariables.map(({ key, secret }) => `${key}=${secret}`);
  const limits = [`${availableMemoryMb}MiB`, `x${concurrency ?? ' default'}`, `${timeoutSeconds}s`];
  return [name, triggerOf(endpoint), region.join(), ...limits, `secrets: ${secrets.join() || 'none'}`].join(' | ');
}

function triggerOf({ httpsTrigger, scheduleTrigger }: z.infer<typeof Endpoint>): string {
  if (httpsTrigger) return `https ${httpsTrigger.invoker.join()}`;
  if (!scheduleTrigger) return 'none';
  const { schedule, timeZone, retryConfig } = scheduleTrigger;
  return `${schedule} ${timeZone}, ${retryConfig.retryCount} retry`;
}
