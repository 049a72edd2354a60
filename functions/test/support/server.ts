/** A real server with a real store, for tests that go through the front door. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Door } from '@bas/core';
import type { Config, HomeConfig } from '@bas/core/config';
import { answer } from '@bas/core/http/answer';
import { hasPath } from '@bas/core/http/match';
import { fromNode, toNode } from '@bas/core/http/node-adapter';
import { silentLogger } from '@bas/core/observability/log';
import { createSuite, type Suite, type SuiteParts } from '@bas/core/suite';
import loginDoor from '../../src/https/login.ts';
import { Caller, HttpClient, type Sending } from './client.ts';
import { MovableClock } from './movable-clock.ts';
import { Seed, type SeededDevice, type SeededUser } from './seed.ts';

export const STORES = ['sqlite', 'firestore'] as const;
export type StoreName = (typeof STORES)[number];

export interface ServerOptions {
  readonly store: StoreName;
  /** The login door is always there besides. */
  readonly doors: readonly Door[];
  readonly config?: Partial<Config>;
  /** Anything here replaces the real one; the clock and the logger are replaced anyway. */
  readonly parts?: Omit<SuiteParts, 'clock'>;
  /** Share a clock, or a store, between two servers: two instances of one deployment. */
  readonly clock?: MovableClock;
  readonly home?: HomeConfig;
}

export interface TestServer {
  readonly url: string;
  readonly suite: Suite;
  readonly clock: MovableClock;
  readonly seed: Seed;
  readonly client: HttpClient;
  /** A browser that has signed in through the real door. */
  signIn(user: SeededUser, sending?: Sending): Promise<Browser>;
  /** A device with its key. */
  device(device: SeededDevice): Caller;
  close(): Promise<void>;
}

/** A signed-in browser. */
export class Browser extends Caller {
  readonly token: string;

  constructor(client: HttpClient, headers: Record<string, string | readonly string[]>, token: string) {
    super(client, { ...headers, cookie: `__session=${token}` });
    this.token = token;
  }
}

export async function startServer(options: ServerOptions): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-server-'));
  const clock = options.clock ?? new MovableClock();
  const config: Config = {
    home: options.home ?? homeOf(options.store, folder),
    tenant_header: 'X-BAS-Tenant',
    allowed_origins: [],
    trusted_proxy_hops: 0,
    read_cache: 'all',
    build: 'test',
    ...options.config,
  };
  const suite = createSuite(config, { logger: silentLogger, ...options.parts, clock });
  const doors = options.doors.includes(loginDoor) ? options.doors : [...options.doors, loginDoor];
  const server = serve(suite, doors);
  // A machine that is held up must not look like a server that hangs up on a connection which is about to be used again.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = urlOf(server);
  const client = new HttpClient(url);
  return {
    url,
    suite,
    clock,
    client,
    seed: new Seed(suite),
    signIn: (user, sending = {}) => signIn(client, user, sending),
    device: ({ tenant_id, key }) =>
      new Caller(client, { 'x-bas-tenant': tenant_id, authorization: `Bearer ${key}`, 'user-agent': 'device/1' }),
    async close() {
      client.close();
      server.close();
      server.closeAllConnections();
      await suite.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A file of its own, or a project of its own on the emulator that the test runner started. */
function homeOf(store: StoreName, folder: string): HomeConfig {
  if (store === 'sqlite') return { kind: 'sqlite', file: join(folder, 'bas.sqlite') };
  const emulator_host = process.env['FIRESTORE_EMULATOR_HOST'];
  if (emulator_host === undefined) throw new Error('No Firestore emulator: run this through `npm test -- <file>`.');
  return { kind: 'firestore', project_id: `demo-${randomUUID()}`, emulator_host };
}

function serve(suite: Suite, doors: readonly Door[]): Server {
  return createServer((request, response) => {
    const incoming = fromNode(request);
    const door = doors.find((one) => hasPath(one, incoming.path)) ?? doors[0] ?? loginDoor;
    answer(suite, door, incoming).then(
      (reply) => toNode(reply, response, request),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return `http://127.0.0.1:${String(address.port)}`;
}

async function signIn(client: HttpClient, user: SeededUser, sending: Sending): Promise<Browser> {
  const headers = { 'x-bas-tenant': user.tenant_id, 'user-agent': 'Mozilla/5.0 Firefox/140.0', ...sending.headers };
  const { username, password } = user;
  const reply = await client.send('POST', '/v1/login', { ...sending, headers, json: { username, password } });
  if (reply.status !== 200) throw new Error(`Sign-in answered ${String(reply.status)}: ${reply.text}`);
  const token = /^__session=([^;]+)/.exec(reply.headers['set-cookie']?.[0] ?? '')?.[1];
  if (token === undefined) throw new Error('Sign-in set no session cookie.');
  return new Browser(client, headers, token);
}
