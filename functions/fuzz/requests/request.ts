/** One request of the fuzzer: what is sent, byte for byte, and what may be said to it. */
import type { ProblemCode } from '@bas/core/errors';

/** Whose credentials go along. `nobody` names a tenant and shows nothing. */
export type Actor = 'nobody' | 'device' | 'viewer' | 'admin' | 'platform';

export type Header = readonly [name: string, value: string];

export interface FuzzRequest {
  /** As the description names it: `POST /v1/telemetry`. */
  readonly route: string;
  /** What was done to it. */
  readonly kind: string;
  readonly actor: Actor;
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** Beside the actor's own and the length of the body. */
  readonly headers: readonly Header[];
  /** Null: no body, and no length is told. */
  readonly body: Buffer | null;
  /** The only codes it may be answered with; undefined when it may be done, too. */
  readonly must?: readonly ProblemCode[];
  /** Names of headers of the actor that are not sent. */
  readonly without?: readonly string[];
  /** Sent instead of all the above, over a connection of its own. */
  readonly raw?: Buffer;
  /** Nothing follows, and the server is told so: it may be waiting for more. */
  readonly ends?: boolean;
}

/** What the raw socket gets. */
export function wire(request: FuzzRequest, credentials: readonly Header[], host: string): Buffer {
  if (request.raw !== undefined) return request.raw;
  const { method, target, body, without = [] } = request;
  const own = credentials.filter(([name]) => !without.includes(name.toLowerCase()));
  const length: readonly Header[] = body === null ? [] : [['Content-Length', String(body.byteLength)]];
  const headers = [['Host', host] as const, ...own, ...request.headers, ...length];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
  return body === null ? head : Buffer.concat([head, body]);
}

const SHOWN_BYTES = 4_000;

/** A line for the shell that sends the same bytes again. */
export function shellLine(bytes: Buffer, port: number): string {
  const shown = [...bytes.subarray(0, SHOWN_BYTES)].map(asEscape).join('');
  const rest = bytes.byteLength > SHOWN_BYTES ? ` # and ${String(bytes.byteLength - SHOWN_BYTES)} bytes more` : '';
  return `printf '${shown}' | nc -N 127.0.0.1 ${String(port)}${rest}`;
}

function asEscape(byte: number): string {
  const plain = byte >= 0x20 && byte < 0x7f && !`'\\%`.includes(String.fromCharCode(byte));
  return plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}
