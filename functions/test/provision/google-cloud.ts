/** Google Cloud on this machine: an HTTP server for each API, and the variables that lead gcloud and the Firebase CLI to it. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SPECIAL, type Special } from './answers.ts';
import { NewProject, switchedOff } from './new-project.ts';
import { checkRequest, readApi, zeroValues } from './shape.ts';
import { asTold, clientOf, readSent, refusalAsTold } from './wire.ts';
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
  /** Set: these APIs answer nothing. */
  isOff: (api: ApiName) => boolean = () => false;
  /** Answers of a test's own, before the usual ones. */
  special: Readonly<Record<string, Special>> = {};
  readonly env: NodeJS.ProcessEnv;
  readonly #servers: Server[] = [];
  readonly #fresh: NewProject | null;
  readonly #home = mkdtempSync(join(tmpdir(), 'bas-cloud-'));

  /** `fresh`: a project as it is when it was just made, with every API off; else all of them are on. */
  constructor({ fresh = false } = {}) {
    this.#fresh = fresh ? new NewProject(() => this.world('serviceusage')) : null;
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
      const zeros = zeroValues(APIS[api].map(readApi));
      const origin = await this.#listen(async (message) => asTold(await this.#answer(api, message), zeros));
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

  async #listen(answer: (message: IncomingMessage) => Promise<unknown>): Promise<string> {
    const server = createServer((message, response) => {
      answer(message).then(
        (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
        (error: unknown) => {
          const { status, body } = refusalAsTold(error instanceof Refusal ? error : new Refusal(500, String(error)));
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
    const seen: Seen = { api, method: sent.method, path: sent.path, call, by: clientOf(message), changes };
    this.seen.push(seen);
    if (this.isOff(api)) throw switchedOff(api);
    if (changes && this.refuses?.(seen) === true) throw new Refusal(403, 'this change is refused');
    this.#fresh?.check(seen, message.headers, sent.body);
    const { method, query } = sent;
    const given = { method, query, path: sent.path.replace(/^v\d\w*\//, ''), body: record(sent.body) };
    const answer = this.special[`${api} ${call}`] ?? SPECIAL[`${api} ${call}`];
    return answer === undefined ? this.world(api).answer(given) : answer(this.world(api), given);
  }
}

function isApi(name: string): name is ApiName {
  return Object.hasOwn(APIS, name);
}
