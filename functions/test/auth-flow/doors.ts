import type { Door } from '@bas/core';
import account from '../../src/https/account.ts';
import login from '../../src/https/login.ts';
import logout from '../../src/https/logout.ts';
import session from '../../src/https/session.ts';
import users from '../../src/https/users.ts';
import { startServer, type ServerOptions, type TestServer } from '../support/server.ts';

export const authDoors: readonly Door[] = [login, logout, session, account, users];

/** A server for the tests of one `describe`; read it inside a test. */
export function serverFor(options: Omit<ServerOptions, 'doors'>): () => TestServer {
  let server: TestServer | undefined;
  before(async () => {
    server = await startServer({ ...options, doors: authDoors });
    await server.seed.tenant('acme');
    await server.seed.tenant('globex');
  });
  after(() => server?.close());
  return () => {
    if (server === undefined) throw new Error('The server is there once the tests run.');
    return server;
  };
}
