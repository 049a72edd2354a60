/**
 * Google Cloud as an operator reaches it: reads through the REST APIs, with the token of gcloud, because they take
 * milliseconds; changes through the gcloud command where it has one, and through REST where it has none.
 */
import { SetupError } from '@bas/core/errors';
import { setTimeout as delay } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootDir } from '../paths.ts';
import { asResource, type Resource } from './declared.ts';
import { runTool } from './tool.ts';

export type Api =
  | 'cloudresourcemanager'
  | 'firebase'
  | 'firebaserules'
  | 'firestore'
  | 'iam'
  | 'logging'
  | 'monitoring'
  | 'secretmanager'
  | 'serviceusage';

export interface GoogleOptions {
  readonly project: string;
  /** Nothing is switched on while only planning: an API that is off has nothing in it. */
  readonly plan: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

const FIREBASE = join(rootDir, 'node_modules', 'firebase-tools', 'lib', 'bin', 'firebase.js');
const LIMIT_MS = 60_000;
/** An API that was just switched on takes a while to answer. */
const WAKING = { tries: 24, pause_ms: 5_000 };

export class Google {
  readonly project: string;
  readonly #plan: boolean;
  readonly #env: NodeJS.ProcessEnv;
  #token: Promise<string> | undefined;

  constructor({ project, plan, env = process.env }: GoogleOptions) {
    this.project = project;
    this.#plan = plan;
    this.#env = env;
  }

  /** A resource; null when there is none. `body`: for what is read by POST. */
  async read(api: Api, path: string, body?: Resource): Promise<Resource | null> {
    for (let tries = 1; ; tries += 1) {
      const { status, answer } = await this.#call(api, body === undefined ? 'GET' : 'POST', path, body);
      if (status < 300) return asResource(answer);
      if (status === 404) return null;
      const off = status === 403 && JSON.stringify(answer).includes('SERVICE_DISABLED');
      if (off && this.#plan) return null;
      if (!off || tries === WAKING.tries) throw refused(`GET ${path}`, status, answer);
      await delay(WAKING.pause_ms);
    }
  }

  /** Every resource of a list, over all its pages. */
  async list(api: Api, path: string, field: string): Promise<readonly Resource[]> {
    const found: Resource[] = [];
    let token = '';
    do {
      const glue = path.includes('?') ? '&' : '?';
      const page = await this.read(api, token === '' ? path : `${path}${glue}pageToken=${encodeURIComponent(token)}`);
      const items = page?.[field];
      if (Array.isArray(items)) found.push(...items.map(asResource));
      token = typeof page?.['nextPageToken'] === 'string' ? page['nextPageToken'] : '';
    } while (token !== '');
    return found;
  }

  /** A change for which gcloud has no command, or none outside its alpha. */
  async send(api: Api, method: 'POST' | 'PATCH', path: string, body: Resource): Promise<Resource> {
    const { status, answer } = await this.#call(api, method, path, body);
    if (status >= 300) throw refused(`${method} ${path}`, status, answer);
    return asResource(answer);
  }

  /** Starts an operation and waits for its end. */
  async finished(api: Api, version: string, path: string): Promise<void> {
    const started = await this.send(api, 'POST', path, {});
    for (let tries = 1, now: Resource | null = started; now?.['done'] !== true; tries += 1) {
      if (tries === WAKING.tries) throw new SetupError(`${path} is still under way.`);
      await delay(WAKING.pause_ms);
      now = await this.read(api, `${version}/${String(started['name'])}`);
    }
  }

  /** Runs gcloud for the project and returns what it printed; a value goes in through standard input only. */
  async gcloud(args: readonly string[], input = ''): Promise<string> {
    return runTool('gcloud', [...args, `--project=${this.project}`, '--quiet'], { env: this.#env, input });
  }

  /** Runs the Firebase CLI of this repository, with whatever it is signed in as. */
  async firebase(args: readonly string[]): Promise<string> {
    const options = { env: this.#env, cwd: rootDir };
    return runTool(process.execPath, [FIREBASE, ...args, `--project=${this.project}`, '--non-interactive'], options);
  }

  async #call(api: Api, method: string, path: string, body?: Resource): Promise<{ status: number; answer: unknown }> {
    this.#token ??= this.#readToken();
    const headers = {
      authorization: `Bearer ${(await this.#token).trim()}`,
      'content-type': 'application/json',
      'x-goog-user-project': this.project,
    };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      const signal = AbortSignal.timeout(LIMIT_MS);
      const response = await fetch(`${this.#endpoint(api)}${path}`, { method, headers, signal, ...payload });
      return { status: response.status, answer: await response.json().catch(() => ({})) };
    } catch (error) {
      throw new SetupError(`${api}.googleapis.com did not answer ${method} ${path}; look at the network.`, {
        cause: error,
      });
    }
  }

  /** gcloud's own: from the file that it would take it from, where one is named, else from gcloud. */
  async #readToken(): Promise<string> {
    const file = this.#env['CLOUDSDK_AUTH_ACCESS_TOKEN_FILE'];
    if (file !== undefined && file !== '') return readFile(file, 'utf8');
    return runTool('gcloud', ['auth', 'print-access-token', '--quiet'], { env: this.#env });
  }

  /** The same variables that gcloud itself reads. */
  #endpoint(api: Api): string {
    const given = this.#env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`];
    return given === undefined || given === '' ? `https://${api}.googleapis.com/` : given.replace(/\/*$/, '/');
  }
}

function refused(what: string, status: number, answer: unknown): SetupError {
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'refused';
  return new SetupError(`${what} answered ${status}: ${message.replace(/\.*$/, '')}.`);
}
