/** The two ends of a call that passes through the proxy, message by message. */
import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Frames, framed } from './grpc-frames.ts';

/** A connection ended before its call did. */
export class Broken extends Error {}

/** What the emulator answers to one call, on its way to the client. */
export interface Answer {
  readonly messages: AsyncIterable<Buffer>;
  /** Once all messages are there. */
  trailers(): IncomingHttpHeaders;
  pass(client: ServerHttp2Stream, message: Buffer, gone: AbortSignal): Promise<void>;
  end(client: ServerHttp2Stream, trailers: IncomingHttpHeaders): void;
}

export async function answerOf(emulator: ClientHttp2Stream, gone: AbortSignal): Promise<Answer> {
  let trailers: IncomingHttpHeaders | undefined;
  emulator.once('trailers', (received: IncomingHttpHeaders) => (trailers = received));
  const closed = once(emulator, 'close').then((): never => {
    throw new Broken();
  });
  const responded = once(emulator, 'response', { signal: gone });
  const [headers] = (await Promise.race([responded, closed])) as [IncomingHttpHeaders];
  // An answer may be its own end: a status and nothing else.
  if (headers['grpc-status'] !== undefined) trailers = headers;
  const begin = (client: ServerHttp2Stream): void => {
    if (!client.headersSent) client.respond(headers, { waitForTrailers: true });
  };
  return {
    messages: messagesOf(emulator),
    trailers: () => {
      if (trailers === undefined) throw new Broken();
      return trailers;
    },
    pass: async (client, message, signal) => {
      begin(client);
      if (!client.write(framed(message))) await once(client, 'drain', { signal });
    },
    end: (client, last) => {
      if (last === headers) {
        client.respond(headers, { endStream: true });
        return;
      }
      begin(client);
      client.once('wantTrailers', () => {
        client.sendTrailers(last);
      });
      client.end();
    },
  };
}

async function* messagesOf(stream: ClientHttp2Stream): AsyncGenerator<Buffer> {
  const frames = new Frames();
  for await (const chunk of stream) yield* frames.push(chunk as Buffer);
}

/** The first message, which stays in the stream too. A stream of many goes on after it. */
export async function firstMessage(stream: ServerHttp2Stream, gone: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) {
      await once(stream, 'readable', { signal: gone });
      continue;
    }
    chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const [message] = new Frames().push(bytes);
    if (message === undefined) continue;
    stream.unshift(bytes);
    return message;
  }
}

/** A connection that broke, not a mistake in here. */
export function isBroken(error: unknown): boolean {
  if (error instanceof Broken) return true;
  return error instanceof Error && 'code' in error && /^(ERR_HTTP2|ERR_STREAM|ECONN|EPIPE)/.test(String(error.code));
}
