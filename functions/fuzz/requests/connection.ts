/** HTTP over a bare socket: it sends what no client would, and sees how the connection ends. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Heard {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  /** By name in lower case; those that came twice joined with ', '. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Neither an answer nor an end came in time, or an answer that says so did not end the connection. */
  readonly hung: boolean;
  readonly took_ms: number;
}

export interface Sending {
  /** An answer to HEAD has no body, whatever it says of its length. */
  readonly head: boolean;
  /** Over a connection of its own. */
  readonly alone: boolean;
  /** That connection is half closed as soon as all is sent, else when it is answered. */
  readonly ends: boolean;
  readonly patience_ms: number;
}

/** One client; its connection is used again for as long as the server keeps it. */
export class RawClient {
  readonly #port: number;
  #kept: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async send(bytes: Buffer, { head, alone, ends, patience_ms }: Sending): Promise<Heard> {
    const socket = alone ? this.#opened() : this.#connection();
    const started_ms = performance.now();
    const signal = AbortSignal.timeout(patience_ms);
    const listening = new Listening(socket, head);
    try {
      socket.write(bytes);
      if (alone && ends) socket.end();
      await listening.answered(signal);
      const { heard } = listening;
      const took_ms = performance.now() - started_ms;
      if (alone) socket.end();
      if (alone || heard.headers.get('connection') === 'close') await listening.closed(signal);
      return { ...heard, hung: false, took_ms };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { ...listening.heard, hung: true, took_ms: performance.now() - started_ms };
    } finally {
      listening.stop();
      if (alone || signal.aborted) socket.destroy();
    }
  }

  close(): void {
    this.#kept?.destroy();
  }

  #connection(): Socket {
    if (this.#kept === undefined || this.#kept.destroyed || this.#kept.readableEnded) {
      this.#kept = this.#opened();
    }
    return this.#kept;
  }

  /** It may break while nobody listens to it, and that is no failure of the fuzzer. */
  #opened(): Socket {
    return connect(this.#port, '127.0.0.1').on('error', () => undefined);
  }
}

class Listening {
  readonly #socket: Socket;
  readonly #head: boolean;
  readonly #progress = new EventTarget();
  #bytes = Buffer.alloc(0);
  #ended = false;

  constructor(socket: Socket, head: boolean) {
    this.#socket = socket;
    this.#head = head;
    socket.on('data', this.#data).on('end', this.#end).on('close', this.#end).on('error', this.#end);
  }

  async answered(signal: AbortSignal): Promise<void> {
    while (!this.#ended && !isWhole(this.#bytes, this.#head)) await once(this.#progress, 'more', { signal });
  }

  async closed(signal: AbortSignal): Promise<void> {
    while (!this.#ended) await once(this.#progress, 'more', { signal });
  }

  get heard(): Pick<Heard, 'status' | 'headers' | 'body'> {
    const parsed = parseHead(this.#bytes);
    if (parsed === null) return { status: 0, headers: new Map(), body: this.#bytes.toString('latin1') };
    const end = parsed.length + Number(parsed.headers.get('content-length') ?? this.#bytes.byteLength);
    return { ...parsed, body: this.#bytes.subarray(parsed.length, end).toString() };
  }

  stop(): void {
    this.#socket.off('data', this.#data).off('end', this.#end).off('close', this.#end).off('error', this.#end);
    this.#socket.resume();
  }

  readonly #data = (chunk: Buffer): void => {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#progress.dispatchEvent(new Event('more'));
  };

  readonly #end = (): void => {
    this.#ended = true;
    this.#progress.dispatchEvent(new Event('more'));
  };
}

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** In bytes, the empty line included. */
  readonly length: number;
}

/** The head of the final answer; an interim one before it is passed over. */
function parseHead(bytes: Buffer, from = 0): Head | null {
  const end = bytes.indexOf('\r\n\r\n', from);
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.subarray(from, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
  if (status >= 100 && status < 200) return parseHead(bytes, end + 4);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const before = headers.get(name);
    const value = line.slice(colon + 1).trim();
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status, headers, length: end + 4 };
}

/** Whether the answer is all there; one that tells no length ends with its connection. */
function isWhole(bytes: Buffer, head: boolean): boolean {
  const parsed = parseHead(bytes);
  if (parsed === null) return false;
  if (head || parsed.status === 204 || parsed.status === 304) return true;
  const length = parsed.headers.get('content-length');
  return length !== undefined && bytes.byteLength >= parsed.length + Number(length);
}
