/** The variables that a process reads, what each may hold, and what is said of one that holds something else. */
import * as z from 'zod';
import { SetupError } from './errors.ts';

/** Unless TENANT_ID_HEADER says otherwise. */
export const TENANT_HEADER = 'X-BAS-Tenant';

const Switch = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1');

const Text = z.string().min(1).optional();

const Origins = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
  )
  .pipe(z.array(z.string().refine(isOrigin)));

const Environment = z.object({
  SQLITE_FILE: Text,
  GCP_PROJECT_ID: Text,
  GOOGLE_CLOUD_PROJECT: Text,
  GCLOUD_PROJECT: Text,
  FIRESTORE_PROJECT_ID: Text,
  'firestore-project-id': Text,
  FIRESTORE_EMULATOR_HOST: Text,
  USE_FIRESTORE_TELEMETRY: Switch,
  USE_FIRESTORE_AUDIT: Switch,
  USE_FIRESTORE_AUTH: Switch,
  TENANT_ID_HEADER: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/)
    .default(TENANT_HEADER),
  ALLOWED_ORIGINS: Origins,
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
  READ_CACHE: z.enum(['all', 'identity', 'none']).default('all'),
  TELEMETRY_BACKFILL_START_MS: z.coerce.number().int().min(0).max(8.64e15).optional(),
  AUTH_ADMIN_USERNAME: z.string().trim().optional(),
  AUTH_ADMIN_PASSWORD_HASH: z.string().trim().optional(),
  K_REVISION: z.string().default('local'),
  LOG_DEBUG_PERCENT: z.coerce.number().min(0).max(100).default(0),
  LOG_TO_CLOUD: Switch,
  LOG_CLOUD_ENDPOINT: z
    .string()
    .regex(/^[\w.-]+:\d{1,5}$/)
    .optional(),
  FUNCTIONS_EMULATOR: z.string().optional(),
});

export type Environment = z.infer<typeof Environment>;

const SWITCH = '0 or 1';

/** What each variable may hold that can be wrong. */
const ALLOWED: Readonly<Partial<Record<string, string>>> = {
  USE_FIRESTORE_TELEMETRY: SWITCH,
  USE_FIRESTORE_AUDIT: SWITCH,
  USE_FIRESTORE_AUTH: SWITCH,
  LOG_TO_CLOUD: SWITCH,
  TENANT_ID_HEADER: 'the name of a header, of letters, digits and -',
  ALLOWED_ORIGINS: 'origins such as https://example.com, lower case, without a path and separated by commas',
  TRUSTED_PROXY_HOPS: 'a whole number from 0 to 10',
  READ_CACHE: 'all, identity or none',
  TELEMETRY_BACKFILL_START_MS: 'a whole number of milliseconds since 1970',
  LOG_DEBUG_PERCENT: 'a number from 0 to 100',
  LOG_CLOUD_ENDPOINT: 'HOST:PORT',
} satisfies Partial<Record<keyof Environment, string>>;

/** What a secret holds is not shown, whatever somebody put there. */
const SECRET: ReadonlySet<string> = new Set<keyof Environment>(['TELEMETRY_BACKFILL_START_MS']);

/** Shown of a value. */
const SHOWN_CHARACTERS = 60;

/** What the variables say, or a `SetupError` of one line that says which to change, and how. */
export function readEnvironment(given: Readonly<Record<string, string | undefined>>): Environment {
  const parsed = Environment.safeParse(given, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? 'environment');
  const must = `${name}: must be ${ALLOWED[name] ?? 'something else'}`;
  if (issue === undefined || SECRET.has(name)) throw new SetupError(`${must}.`);
  const found = issue.path.length === 1 ? given[name] : issue.input;
  throw new SetupError(`${must}, not ${JSON.stringify(String(found).slice(0, SHOWN_CHARACTERS))}.`);
}

/** As a browser sends it, or it would never be matched. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, host } = new URL(text);
  return host !== '' && text === (origin === 'null' ? `${protocol}//${host}` : origin);
}
