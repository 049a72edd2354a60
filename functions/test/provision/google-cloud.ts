/** Google Cloud on this machine: an HTTP server for each API, and the variables that lead gcloud and the Firebase CLI to it. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SPECIAL } from './answers.ts';
import { checkRequest, readApi, type Sent } from './shape.ts';
import { record, Refusal, World, type Thing } from './world.ts';

/** An API may have published more than one version. */
const APIS = {
  cloudresourcemanager: ['cloudresourcemanager.v1'],
  firebase: ['firebase.v1beta1'],
  firebaserules: ['firebaserules.v1'],
  firestore: ['firestore.v1'],
  iam: ['iam.v1'],
  logging: ['logging.v2'],
  monitoring: ['monitoring.v1', 'monitoring.v3'],
  secretmanager: ['secretmanager.v1'],
  serviceusage: ['serviceusage.v1'],
} as const;
type ApiName = keyof typeof APIS;

/** How the Firebase CLI is told where an API is. */
const FIREBASE_ORIGINS: Partial<Record<ApiName, string>> = {
  cloudresourcemanager: 'FIREBASE_RESOURCEMANAGER_URL',
  firebase: 'FIREBASE_API_URL',
  firebaserules: 'FIREBASE_RULES_URL',
  firestore: 'FIRESTORE_URL',
  iam: 'FIREBASE_IAM_URL',
  secretmanager: 'CLOUD_SECRET_MANAGER_URL',
  serviceusage: 'FIREBASE_SERVICE_USAGE_URL',
};

/** One request and what became of it. */
export interface Seen {
  readonly api: ApiName;
  readonly method: string;
  readonly path: string;
  /** The method's id in the discovery document. */
  readonly call: string;
  /** By gcloud, the Firebase CLI or provisioning itself. */
  readonly by: string;
  readonly changes: boolean;
}

export class GoogleCloud {
  readonly worlds = new Map<ApiName, World>();
  /** What no discovery document knows. */
  readonly rejected: string[] = [];
  seen: Seen[] = [];
  /** Set: a change that it takes is refused. */
  refuses: ((seen: Seen) => boolean) | null = null;
  /** An API that was never switched on refuses everything. */
  isOff: (api: ApiName) => boolean = () => false;
  readonly env: NodeJS.ProcessEnv;
  readonly #servers: Server[] = [];
  readonly #home = mkdtempSync(join(tmpdir(), 'bas-cloud-'));

  constructor() {
    const token = join(this.#home, 'token');
    writeFileSync(token, 'a token');
    mkdirSync(join(this.#home, 'home'));
    this.#configureGcloud(token);
    this.env = {
      ...process.env,
      HOME: join(this.#home, 'home'),
      CLOUDSDK_CONFIG: join(this.#home, 'gcloud'),
      CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: token,
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
      FIREBASE_TOKEN: 'a token',
    };
  }

  /** What `gcloud config set auth/access_token_file` leaves behind. */
  #configureGcloud(token: string): void {
    const folder = join(this.#home, 'gcloud');
    mkdirSync(join(folder, 'configurations'), { recursive: true });
    writeFileSync(join(folder, 'active_config'), 'default');
    writeFileSync(join(folder, 'config_sentinel'), '');
    writeFileSync(join(folder, 'configurations', 'config_default'), `[auth]\naccess_token_file = ${token}\n`);
  }

  async start(): Promise<void> {
    for (const api of Object.keys(APIS).filter(isApi)) {
      const origin = await this.#listen((message) => this.#answer(api, message));
      this.worlds.set(api, new World());
      this.env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`] = `${origin}/`;
      const firebase = FIREBASE_ORIGINS[api];
      if (firebase !== undefined) this.env[firebase] = origin;
    }
    this.env['FIREBASE_TOKEN_URL'] = await this.#listen(() =>
      Promise.resolve({ access_token: 'a token', expires_in: 3600 }),
    );
  }

  stop(): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(this.#home, { recursive: true, force: true });
  }

  world(api: ApiName): World {
    const world = this.worlds.get(api);
    if (world === undefined) throw new Error(`${api} is not up`);
    return world;
  }

  /** The requests since the last time, and forgets them. */
  drain(): readonly Seen[] {
    const seen = this.seen;
    this.seen = [];
    return seen;
  }

  async #listen(answer: (message: IncomingMessage) => Promise<Thing>): Promise<string> {
    const server = createServer((message, response) => {
      answer(message).then(
        (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(asTold(body))),
        (error: unknown) => {
          const { status, message: told } = error instanceof Refusal ? error : new Refusal(500, String(error));
          const body = { error: { code: status, message: told, status: STATUS[status] ?? 'INTERNAL' } };
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        },
      );
    });
    this.#servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async #answer(api: ApiName, message: IncomingMessage): Promise<Thing> {
    const sent = await readSent(message);
    const verdict = checkRequest(APIS[api].map(readApi), sent);
    const line = `${api} ${sent.method} ${sent.path}`;
    if (verdict.kind === 'wrong') {
      this.rejected.push(`${line}: ${verdict.why}`);
      throw new Refusal(400, verdict.why);
    }
    const { method: call } = verdict;
    const changes = sent.method !== 'GET' && !/[gG]etIamPolicy|testIamPermissions|projects\.test$/.test(call);
    const by = /gcloud/.test(message.headers['user-agent'] ?? '') ? 'gcloud' : clientOf(message);
    const seen: Seen = { api, method: sent.method, path: sent.path, call, by, changes };
    this.seen.push(seen);
    if (this.isOff(api)) throw new Refusal(403, 'SERVICE_DISABLED: the API has not been used in this project before');
    if (changes && this.refuses?.(seen) === true) throw new Refusal(403, 'this change is refused');
    const { method, query } = sent;
    const given = { method, query, path: sent.path.replace(/^v\d\w*\//, ''), body: record(sent.body) };
    return SPECIAL[`${api} ${call}`]?.(this.world(api), given) ?? this.world(api).answer(given);
  }
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
};

function isApi(name: string): name is ApiName {
  return Object.hasOwn(APIS, name);
}

function clientOf({ headers }: IncomingMessage): string {
  return /FirebaseCLI/i.test(`${headers['user-agent']} ${String(headers['x-client-version'])}`)
    ? 'firebase'
    : 'provision';
}

async function readSent(message: IncomingMessage): Promise<Sent> {
  const url = new URL(message.url ?? '/', 'http://local');
  const body = await text(message);
  return {
    method: message.method ?? '',
    path: decodeURIComponent(url.pathname.slice(1)),
    query: url.searchParams,
    body: body === '' ? undefined : JSON.parse(body),
  };
}

/** The services leave out what is empty. */
function asTold(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTold);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([, one]) => one !== 0 && one !== '' && one !== false && !(Array.isArray(one) && one.length === 0),
  );
  return Object.fromEntries(kept.map(([name, one]) => [name, asTold(one)]));
}
