import { Problem } from '../errors.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesOf, type HttpRequest, type HttpResponse } from './message.ts';

/** The parts of a Cloud Functions request that node's own does not have. */
interface MaybeBuffered {
  /** The body as the functions framework has read it already. */
  readonly rawBody?: Uint8Array;
}

/** Makes the core's request from node's, whether its body is still to come or was read by the functions framework. */
export function fromNode(message: IncomingMessage & MaybeBuffered): HttpRequest {
  const url = message.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: message.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    protocol: `HTTP/${message.httpVersion}`,
    header: (name) => headerValue(message, name),
    socket_address: message.socket.remoteAddress ?? 'unknown',
    body: (limit_bytes) => readBody(message, limit_bytes),
  };
}

/** Every copy counts: node keeps only the first of some headers, which would hide a second one from our checks. */
function headerValue(message: IncomingMessage, name: string): string | undefined {
  const values = message.headersDistinct[name];
  return values?.join(', ');
}

async function readBody(message: IncomingMessage & MaybeBuffered, limit_bytes: number): Promise<Uint8Array | null> {
  if (message.rawBody !== undefined) return message.rawBody.byteLength > limit_bytes ? null : message.rawBody;
  if (Number(message.headers['content-length'] ?? 0) > limit_bytes) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stream: AsyncIterable<Buffer> = message;
  try {
    for await (const chunk of stream) {
      bytes += chunk.byteLength;
      if (bytes > limit_bytes) return null;
      chunks.push(chunk);
    }
  } catch {
    // The client hung up: nobody reads this answer, and it is no fault of ours to be counted.
    throw new Problem('malformed_request', 'The body ended early.');
  }
  return Buffer.concat(chunks);
}

export function toNode(response: HttpResponse, out: ServerResponse, message: IncomingMessage): void {
  const length = response.body === null ? {} : { 'content-length': String(bytesOf(response)) };
  // A body that was refused unread would have to be read to keep the connection; closing is cheaper and safer.
  if (!message.complete && message.method !== 'GET') out.setHeader('connection', 'close');
  out.writeHead(response.status, { ...response.headers, ...length });
  out.end(response.body ?? undefined);
}
