/**
 * Google Cloud as an operator reaches it: reads through the REST APIs, with the token of gcloud, because they take
 * milliseconds; changes through the gcloud command where it has one, and through REST where it has none.
 */
import { SetupError } from '@bas/core/errors';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { rootDir } from '../paths.ts';
import { asResource, type Resource } from './declared.ts';
import { failureOf, refused, sentence } from './failure.ts';
import { isOff, PATIENCE, patiently, type Patience } from './patience.ts';
import { readToken } from './token.ts';
import { runTool, type ToolOptions } from './tool.ts';

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
  readonly patience?: Patience;
}

export interface ReadOptions {
  /** For what is read by POST. */
  readonly body?: Resource;
  /** A refusal that means, besides 404, that there is none: `FAILED_PRECONDITION`. */
  readonly none?: string;
}

const FIREBASE = join(rootDir, 'node_modules', 'firebase-tools', 'lib', 'bin', 'firebase.js');
const LIMIT_MS = 60_000;

export class Google {
  readonly project: string;
  readonly #plan: boolean;
  readonly #env: NodeJS.ProcessEnv;
  readonly #patience: Patience;
  #token: Promise<string> | undefined;

  constructor({ project, plan, env = process.env, patience = PATIENCE }: GoogleOptions) {
    this.project = project;
    this.#plan = plan;
    this.#env = env;
    this.#patience = patience;
  }

  /** The token that everything is asked with; a `SetupError` where nobody is signed in. */
  signIn(): Promise<string> {
    return (this.#token ??= readToken(this.#env));
  }

  /** A resource; null when there is none. */
  async read(api: Api, path: string, { body, none }: ReadOptions = {}): Promise<Resource | null> {
    const method = body === undefined ? 'GET' : 'POST';
    return patiently(async () => {
      const { status, answer } = await this.#call(api, method, path, body);
      if (status < 300) return asResource(answer);
      if (status === 404 || (none !== undefined && failureOf(answer)?.status === none)) return null;
      const failure = refused(`${method} ${path}`, status, answer);
      if (this.#plan && isOff(failure.message)) return null;
      throw failure;
    }, this.#patience);
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
    return patiently(async () => {
      const { status, answer } = await this.#call(api, method, path, body);
      if (status >= 300) throw refused(`${method} ${path}`, status, answer);
      return asResource(answer);
    }, this.#patience);
  }

  /** Starts an operation and waits for its end; throws when it ends with a failure. */
  async finished(api: Api, version: string, path: string): Promise<void> {
    const started = await this.send(api, 'POST', path, {});
    let now: Resource | null = started;
    for (let tries = 1; now?.['done'] !== true; tries += 1) {
      if (tries === this.#patience.tries) throw new SetupError(`${path} is still under way.`);
      await delay(this.#patience.pause_ms);
      now = await this.read(api, `${version}/${String(started['name'])}`);
    }
    const failure = failureOf(now);
    if (failure !== null) throw new SetupError(`${path} failed: ${sentence(failure.message)}`);
  }

  /** Runs gcloud for the project and returns what it printed; a value goes in through standard input only. */
  async gcloud(args: readonly string[], input = ''): Promise<string> {
    return this.#run('gcloud', [...args, `--project=${this.project}`, '--quiet'], { input });
  }

  /** Runs the Firebase CLI of this repository, with whatever it is signed in as. */
  async firebase(args: readonly string[]): Promise<string> {
    const words = [FIREBASE, ...args, `--project=${this.project}`, '--non-interactive'];
    return this.#run(process.execPath, words, { cwd: rootDir });
  }

  #run(command: string, args: readonly string[], options: Omit<ToolOptions, 'env'>): Promise<string> {
    return patiently(() => runTool(command, args, { env: this.#env, ...options }), this.#patience);
  }

  async #call(api: Api, method: string, path: string, body?: Resource): Promise<{ status: number; answer: unknown }> {
    const headers = {
      authorization: `Bearer ${await this.signIn()}`,
      'content-type': 'application/json',
      // Whoever switches APIs on must not need that project's own Service Usage API for it.
      ...(api === 'serviceusage' ? {} : { 'x-goog-user-project': this.project }),
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

  /** The same variables that gcloud itself reads. */
  #endpoint(api: Api): string {
    const given = this.#env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`];
    return given === undefined || given === '' ? `https://${api}.googleapis.com/` : given.replace(/\/*$/, '/');
  }
}
