import { readEnvironment, type Environment } from './environment.ts';
import { SetupError } from './errors.ts';
import type { Seeds } from './model/flags.ts';
import { MAX_DEBUG_PERCENT } from './observability/sampling.ts';

export { TENANT_HEADER } from './environment.ts';

/** Everything a process can be told from outside, read once, here alone. */
export interface Config {
  /** Where data lives. One box: an SQLite file. Cloud, or a box after its cutover: Firestore. */
  readonly home: HomeConfig;
  readonly tenant_header: string;
  readonly allowed_origins: readonly string[];
  /** Hops from the right of X-Forwarded-For to the client's address; 0 is the socket's own address. */
  readonly trusted_proxy_hops: number;
  readonly read_cache: ReadCache;
  readonly build: string;
  /** What the log tells and where else it goes; without it, no details and nowhere. */
  readonly logs?: LogConfig;
  /** Telemetry from then on goes to Firestore when a box moves; undefined is all that is kept. */
  readonly backfill_start_ms?: number | undefined;
  /** Who may sign in to a platform that has no administrator yet; undefined where nobody was named. */
  readonly first_administrator?: FirstAdministrator | undefined;
}

/** As named from outside; neither has been looked at. */
export interface FirstAdministrator {
  readonly username: string;
  readonly password_hash: string;
}

export interface LogConfig {
  /** Requests whose details are told, in percent. */
  readonly debug_percent: number;
  /** Whether a box ships its log to Cloud Logging. */
  readonly to_cloud: boolean;
  /** Another door of Cloud Logging, such as a region's or a private one, as `host:port`. */
  readonly cloud_endpoint: string | undefined;
}

/** What an instance may answer from memory: everything, who someone is but no points, or nothing. To measure, or to share a store with a command that changes people. */
export type ReadCache = 'all' | 'identity' | 'none';

export interface FirestoreTarget {
  readonly project_id: string;
  readonly emulator_host: string | undefined;
}

export type HomeConfig =
  | {
      readonly kind: 'sqlite';
      readonly file: string;
      /** Where flags start that no move has set yet. */
      readonly seeds?: Seeds;
      /** Where this box may move to; undefined while no project is named. */
      readonly target?: FirestoreTarget | undefined;
    }
  /** `file`: a box that is still moving keeps its flags there, and they win. */
  | ({ readonly kind: 'firestore'; readonly file?: string | undefined } & FirestoreTarget);

/** Reads the process environment, or throws a `SetupError` whose one line says what to change. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = withoutEmpty(env);
  const settings = readEnvironment({ ...(isCloud(given) ? CLOUD_DEFAULTS : {}), ...given });
  return {
    home: readHome(settings),
    tenant_header: settings.TENANT_ID_HEADER,
    allowed_origins: settings.ALLOWED_ORIGINS,
    trusted_proxy_hops: settings.TRUSTED_PROXY_HOPS,
    read_cache: settings.READ_CACHE,
    build: settings.K_REVISION,
    backfill_start_ms: settings.TELEMETRY_BACKFILL_START_MS,
    first_administrator: readFirstAdministrator(settings),
    logs: readLogs(settings),
  };
}

/** Two secrets, mounted where people sign in and nowhere else. */
function readFirstAdministrator(settings: Environment): FirstAdministrator | undefined {
  const { AUTH_ADMIN_USERNAME: username, AUTH_ADMIN_PASSWORD_HASH: password_hash } = settings;
  return username === undefined || password_hash === undefined ? undefined : { username, password_hash };
}

/** Whether this is the Firebase emulator, which deploys nothing. */
export function isEmulated(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return env['FUNCTIONS_EMULATOR'] === 'true';
}

/** The project that holds the data, or that a box may move to; undefined while none is named. */
export function projectOf({ home }: Pick<Config, 'home'>): string | undefined {
  return home.kind === 'firestore' ? home.project_id : home.target?.project_id;
}

/** Details of everything are for emulators: nothing that is configured raises them in production. */
function readLogs(settings: Environment): LogConfig {
  const emulated = settings.FIRESTORE_EMULATOR_HOST !== undefined || settings.FUNCTIONS_EMULATOR === 'true';
  const most = emulated ? 100 : MAX_DEBUG_PERCENT;
  return {
    debug_percent: Math.min(settings.LOG_DEBUG_PERCENT, most),
    to_cloud: settings.LOG_TO_CLOUD,
    cloud_endpoint: settings.LOG_CLOUD_ENDPOINT,
  };
}

/** Instances have no disk to share, and the client's address is the last hop that Google's front end appended. */
const CLOUD_DEFAULTS = {
  USE_FIRESTORE_TELEMETRY: '1',
  USE_FIRESTORE_AUDIT: '1',
  USE_FIRESTORE_AUTH: '1',
  TRUSTED_PROXY_HOPS: '1',
};

/** Cloud Functions set K_SERVICE; the emulator does too and says that it is one. */
function isCloud(env: Readonly<Record<string, string | undefined>>): boolean {
  return env['K_SERVICE'] !== undefined && env['FUNCTIONS_EMULATOR'] !== 'true' && env['SQLITE_FILE'] === undefined;
}

function readHome(settings: Environment): HomeConfig {
  const { USE_FIRESTORE_TELEMETRY: telemetry, USE_FIRESTORE_AUDIT: audit, USE_FIRESTORE_AUTH: auth } = settings;
  if ((auth && !audit) || (audit && !telemetry)) {
    throw new SetupError(
      'USE_FIRESTORE_*: the order is telemetry, then audit, then auth; set the earlier ones to 1 too.',
    );
  }
  const file = settings.SQLITE_FILE;
  const target = readTarget(settings);
  if (telemetry && target === undefined) {
    throw new SetupError('GCP_PROJECT_ID: name the project that holds the Firestore data.');
  }
  if (auth && target !== undefined) return { kind: 'firestore', file, ...target };
  if (file === undefined) throw new SetupError('SQLITE_FILE: name the file that holds the data.');
  return { kind: 'sqlite', file, seeds: { telemetry, audit, auth }, target };
}

function readTarget(settings: Environment): FirestoreTarget | undefined {
  const project_id =
    settings.GCP_PROJECT_ID ??
    settings.GOOGLE_CLOUD_PROJECT ??
    settings.FIRESTORE_PROJECT_ID ??
    settings['firestore-project-id'] ?? // where the secret is mounted under its own name; a shell drops such a name
    settings.GCLOUD_PROJECT; // set for every deployed function, so it must not hide the secret
  return project_id === undefined ? undefined : { project_id, emulator_host: settings.FIRESTORE_EMULATOR_HOST };
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}
