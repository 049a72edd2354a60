/** One HTTP request as the core sees it; adapters make it from node:http and from Cloud Functions alike. */
export interface HttpRequest {
  readonly method: string;
  /** Path without query, as sent (percent-encoded). */
  readonly path: string;
  /** Query without the question mark, as sent. */
  readonly query: string;
  /** Such as `HTTP/1.1`. */
  readonly protocol: string;
  /** Value of a header, joined with ', ' when it was sent more than once; name in lower case. */
  header(name: string): string | undefined;
  /** Address of the peer at the other end of the socket. */
  readonly socket_address: string;
  /** The whole body, or null as soon as it is known to be longer than `limit_bytes`. Read at most once. */
  body(limit_bytes: number): Promise<Uint8Array | null>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for an empty body. */
  readonly body: string | null;
}

const counted = new WeakMap<HttpResponse, number>();

/** How long a response's body is in UTF-8. Its line in the log and its header both ask; a long body is counted once. */
export function bytesOf(response: HttpResponse): number {
  const known = counted.get(response);
  if (known !== undefined) return known;
  const bytes = response.body === null ? 0 : Buffer.byteLength(response.body);
  counted.set(response, bytes);
  return bytes;
}

/** What a door gives back: a status, a body as JSON text or as a value to be made JSON, and its own headers. */
export interface Reply {
  readonly status: number;
  readonly body?: JsonText | object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether "last 100 points" was asked for: service levels time it when it is given. */
  readonly last_hundred?: boolean;
}

/** JSON that is already text, put together without parsing stored values. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
