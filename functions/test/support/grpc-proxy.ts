/**
 * Stands between a Firestore client and the emulator, passes every call through, and breaks those it is told to break.
 * HTTP/2 without TLS, as the emulator speaks it.
 */
import { once } from 'node:events';
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { forge, refuse } from './grpc-broken.ts';
import { FaultRules } from './grpc-faults.ts';
import { CallMeter } from './grpc-meter.ts';
import { answerOf, Broken, firstMessage, isBroken } from './grpc-streams.ts';

/** The proxies that may break a call just now. */
export const disturbances = new Set<GrpcProxy>();

export interface GrpcProxyOptions {
  /** Of the generator that rules with a probability ask. */
  readonly seed?: number;
}

/** `target` is the emulator's `host:port`; it may be down, now and later, and come back. */
export async function startGrpcProxy(target: string, { seed = 1 }: GrpcProxyOptions = {}): Promise<GrpcProxy> {
  const proxy = new GrpcProxy(target, seed);
  disturbances.add(proxy);
  await proxy.listen();
  return proxy;
}

export class GrpcProxy {
  readonly rules: FaultRules;
  readonly counts: CallMeter;
  /** Hears of every call as it comes, faults included. */
  onCall: (method: string) => void = () => undefined;
  readonly #target: string;
  readonly #server = createServer();
  readonly #clients = new Set<ServerHttp2Session>();
  #emulator: ClientHttp2Session | undefined;
  #pause: PromiseWithResolvers<undefined> | undefined;

  constructor(target: string, seed: number, counts = new CallMeter()) {
    this.#target = target;
    this.counts = counts;
    this.rules = new FaultRules(seed);
    this.#server.on('session', (session) => {
      this.#clients.add(session);
      session.on('close', () => this.#clients.delete(session)).on('error', () => undefined);
    });
    this.#server.on('stream', (stream, headers) => void this.#serve(stream, headers));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Serves a connection that was made elsewhere. */
  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  /** What `FIRESTORE_EMULATOR_HOST` takes. */
  get host(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy listens on no port.');
    return `127.0.0.1:${String(address.port)}`;
  }

  /** From now on nothing passes, in either direction, and nobody is told. */
  pause(): void {
    this.#pause ??= Promise.withResolvers();
  }

  resume(): void {
    this.#pause?.resolve(undefined);
    this.#pause = undefined;
  }

  /** Breaks every connection and refuses new ones, as a port where nobody listens; until what it answers is called. */
  async refuse(): Promise<() => Promise<void>> {
    const port = Number(this.host.split(':')[1]);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
    return async () => {
      this.#server.listen(port, '127.0.0.1');
      await once(this.#server, 'listening');
    };
  }

  /** Breaks every connection there is; new ones are welcome. */
  cut(): void {
    for (const client of this.#clients) client.destroy();
    this.#emulator?.destroy();
  }

  /** Runs `open` so that a client made in it comes here: the SDK prefers its own variable to the host it is given. */
  async lead<T>(open: () => T | Promise<T>): Promise<T> {
    const before = process.env['FIRESTORE_EMULATOR_HOST'];
    process.env['FIRESTORE_EMULATOR_HOST'] = this.host;
    try {
      return await open();
    } finally {
      if (before === undefined) delete process.env['FIRESTORE_EMULATOR_HOST'];
      else process.env['FIRESTORE_EMULATOR_HOST'] = before;
    }
  }

  async close(): Promise<void> {
    this.resume();
    disturbances.delete(this);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  async #serve(client: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const gone = new AbortController();
    client.on('error', () => undefined).once('close', () => gone.abort());
    try {
      await this.#answer(client, headers, gone.signal);
    } catch (error) {
      if (gone.signal.aborted || client.destroyed) return;
      if (!isBroken(error)) throw error;
      client.session?.destroy();
    }
  }

  async #answer(client: ServerHttp2Stream, headers: IncomingHttpHeaders, gone: AbortSignal): Promise<void> {
    const method = headers[':path']?.split('/').at(-1) ?? '';
    const request = await firstMessage(client, gone);
    this.counts.count(method);
    this.onCall(method);
    await this.#passing(gone);
    const fault = this.rules.next(method, request);
    if (fault?.kind === 'status') {
      refuse(client, fault.status, fault.message);
      return;
    }
    if (fault?.kind === 'cut') throw new Broken();
    if (fault?.kind === 'delay') await sleep(fault.delay_ms, undefined, { signal: gone });
    const bill = this.counts.meter(method, request, headers['user-agent']);
    const emulator = this.#ask(client, headers, gone);
    const answer = await answerOf(emulator, gone);
    for await (const message of answer.messages) {
      bill(message);
      await this.#passing(gone);
      if (fault?.kind !== 'lost_answer') await answer.pass(client, forge(message, fault), gone);
    }
    const trailers = answer.trailers();
    await this.#passing(gone);
    if (fault?.kind === 'lost_answer') refuse(client, fault.status ?? 'UNAVAILABLE', 'Connection dropped');
    else answer.end(client, trailers);
  }

  #ask(client: ServerHttp2Stream, headers: IncomingHttpHeaders, gone: AbortSignal): ClientHttp2Stream {
    if (this.#emulator === undefined || this.#emulator.closed || this.#emulator.destroyed) {
      this.#emulator = connect(`http://${this.#target}`);
      this.#emulator.on('error', () => undefined);
    }
    // Nobody may compress what is to be read here.
    const asked = { ...headers, ':authority': this.#target, 'grpc-accept-encoding': 'identity' };
    const emulator = this.#emulator.request(asked);
    emulator.on('error', () => undefined);
    gone.addEventListener('abort', () => emulator.close(constants.NGHTTP2_CANCEL));
    client.pipe(emulator);
    return emulator;
  }

  async #passing(gone: AbortSignal): Promise<void> {
    await this.#pause?.promise;
    gone.throwIfAborted();
  }
}
