import { Agent, request, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

/** A header given as a list is sent that many times. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

export interface Sending {
  readonly headers?: Headers;
  /** Sent as JSON with its content type. */
  readonly json?: unknown;
  /** Sent as it is; the content type is yours. */
  readonly body?: string | Uint8Array;
  /** The address to come from, such as '127.0.1.1'. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; fails when it is none. */
  json(): unknown;
  /** One member of a JSON object; undefined when it is not there. */
  member(name: string): unknown;
  /** The problem's code, for failures. */
  readonly code: unknown;
}

/** Sends requests over real sockets, with repeated headers and other people's addresses if a test wants them. */
export class HttpClient {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(url: string) {
    this.#url = url;
  }

  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const { json, from } = sending;
    const body = json === undefined ? sending.body : JSON.stringify(json);
    const given = Object.entries(sending.headers ?? {}).map(([name, value]): [string, string | string[]] => [
      name,
      typeof value === 'string' ? value : [...value],
    ]);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const outgoing = request(
      new URL(path, this.#url),
      {
        method,
        agent: this.#agent,
        headers: {
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...Object.fromEntries(given),
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
        ...(from === undefined ? {} : { localAddress: from }),
      },
      (incoming) => {
        text(incoming).then((read) => resolve(answerOf(incoming.statusCode ?? 0, incoming.headers, read)), reject);
      },
    );
    outgoing.on('error', (error) => {
      if (isLeftover(outgoing, error)) resolve(this.send(method, path, sending));
      else reject(error);
    });
    outgoing.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** A question put on a connection that the server was just closing, for having had nothing to do: as browsers ask it again. */
function isLeftover({ method, reusedSocket }: ClientRequest, error: Error): boolean {
  return method === 'GET' && reusedSocket && 'code' in error && error.code === 'ECONNRESET';
}

function answerOf(status: number, headers: IncomingHttpHeaders, read: string): Answer {
  const json = (): unknown => JSON.parse(read);
  const member = (name: string): unknown => {
    const value = json();
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  };
  return {
    status,
    headers,
    text: read,
    json,
    member,
    get code() {
      return status < 400 ? undefined : member('code');
    },
  };
}

/** Someone who sends the same headers each time: a signed-in browser, or a device with its key. */
export class Caller {
  readonly headers: Headers;
  /** The address to come from unless a request names another; that of the machine where there is none. */
  from: string | undefined;
  readonly #client: HttpClient;

  constructor(client: HttpClient, headers: Headers) {
    this.#client = client;
    this.headers = headers;
  }

  send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const place = this.from === undefined ? {} : { from: this.from };
    return this.#client.send(method, path, { ...place, ...sending, headers: { ...this.headers, ...sending.headers } });
  }

  get(path: string, sending?: Sending): Promise<Answer> {
    return this.send('GET', path, sending);
  }

  post(path: string, json?: unknown, sending?: Sending): Promise<Answer> {
    return this.send('POST', path, { ...sending, json });
  }

  patch(path: string, json: unknown, sending?: Sending): Promise<Answer> {
    return this.send('PATCH', path, { ...sending, json });
  }

  delete(path: string, sending?: Sending): Promise<Answer> {
    return this.send('DELETE', path, sending);
  }
}
