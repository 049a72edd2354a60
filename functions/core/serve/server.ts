import {
  createServer as createHttp,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { isIP, type AddressInfo, type Socket } from 'node:net';
import { SetupError } from '../errors.ts';

export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A client that sends slowly, or nothing, is cut off; what it can hold meanwhile is bounded. */
const LIMITS: ServerOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
};
const MAX_CONNECTIONS = 2_000;

/** An HTTP server, or HTTPS with a certificate. Throws a `SetupError` when the certificate and key are no pair. */
export function createServer(listener: RequestListener, tls?: Tls, limits: ServerOptions = LIMITS): Server {
  const answers = new WeakMap<Socket, ServerResponse>();
  const listen: RequestListener = (message, out) => {
    answers.set(message.socket, out);
    listener(message, out);
  };
  const server = tls === undefined ? createHttp(limits, listen) : createSecure(listen, tls, limits);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_error: Error, socket: Socket) => refuseUnreadable(socket, answers.get(socket)));
  // RFC 9110 section 10.1.1 lets a server pass over an expectation that it does not know.
  server.on('checkExpectation', listen);
  return server;
}

function createSecure(listener: RequestListener, tls: Tls, limits: ServerOptions): Server {
  try {
    return createHttps({ ...limits, ...tls, minVersion: 'TLSv1.2' }, listener);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SetupError(`The TLS certificate and key cannot be used: give a PEM pair that belongs together (${why}).`);
  }
}

/** Starts listening; resolves with the URL that a client on this machine can use. */
export function listen(server: Server, host: string, port: number, secure: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(new SetupError(whyNot(error, host, port), { cause: error }));
    });
    server.listen(port, host, () => {
      resolve(`${secure ? 'https' : 'http'}://${reachable(host)}:${String(portOf(server.address()))}`);
    });
  });
}

/** Accepts nothing more and waits for what is being answered, at most `grace_ms`. */
export async function close(server: Server, grace_ms: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  // A connection that a client keeps open for more is idle as soon as its answer is out.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const insist = setTimeout(() => {
    server.closeAllConnections();
  }, grace_ms);
  await closed;
  clearInterval(idle);
  clearTimeout(insist);
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${String(port)} on ${host} is in use: stop what listens there, or choose another with --port.`;
    case 'EACCES':
      return `Port ${String(port)} needs more rights than this user has: choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: choose another with --host.`;
    default:
      return `Cannot listen on ${host} port ${String(port)}: ${error.message}`;
  }
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIP(host) === 6 ? `[${host}]` : host;
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const UNREADABLE = JSON.stringify({
  type: 'urn:bas:problem:malformed_request',
  title: 'The request is malformed',
  status: 400,
  code: 'malformed_request',
  detail: 'Send a whole HTTP/1.1 request with at most 16 KiB of headers, without pausing.',
});

/** What cannot be read as HTTP has no request to answer; it is told so and cut off, but not in the middle of another answer. */
function refuseUnreadable(socket: Socket, last: ServerResponse | undefined): void {
  if (!socket.writable || (last?.headersSent === true && !last.writableFinished)) {
    socket.destroy();
    return;
  }
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/problem+json',
    'Cache-Control: private, no-store',
    `Content-Length: ${String(Buffer.byteLength(UNREADABLE))}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${UNREADABLE}`);
}
