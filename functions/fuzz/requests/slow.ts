/** Clients that send slowly, or stop: each must be cut off in the time that the server says. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Header } from './request.ts';
import type { Target } from './targets.ts';

/** What the box says, and how often it looks. */
const LIMIT_MS = 30_000 + 2_000;
const MARGIN_MS = 10_000;

export interface SlowClient {
  readonly how: string;
  /** Null: it was still connected when it should not have been. */
  readonly cut_ms: number | null;
}

/** What is sent at once, and what then comes bit by bit. */
const WAYS: Readonly<Record<string, readonly [at_once: string, bit: string]>> = {
  'nothing at all': ['', ''],
  'a head without an end': ['POST /v1/telemetry HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'x'],
  'a header at a time': ['GET /v1/session HTTP/1.1\r\nHost: x\r\n', 'X-Slow: x\r\n'],
  'a body that stops': ['CREDENTIALSContent-Length: 1000\r\n\r\n{', ''],
  'a body a byte at a time': ['CREDENTIALSContent-Length: 1000\r\n\r\n', ' '],
  'a chunk at a time': ['CREDENTIALSTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n'],
};

/** Several of each kind at once; answers when all are cut off, or should have been. */
export async function slowClients({ port, actors }: Target, each = 5): Promise<readonly SlowClient[]> {
  const head = headOf(actors.headersOf('device'));
  const ways = Object.entries(WAYS).flatMap(([how, way]) => Array.from({ length: each }, () => [how, way] as const));
  return Promise.all(
    ways.map(async ([how, [at_once, bit]]) => ({
      how,
      cut_ms: await untilCut(connect(port, '127.0.0.1'), at_once.replace('CREDENTIALS', head), bit),
    })),
  );
}

function headOf(credentials: readonly Header[]): string {
  const lines = credentials.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `POST /v1/telemetry HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lines}`;
}

async function untilCut(socket: Socket, at_once: string, bit: string): Promise<number | null> {
  const started_ms = performance.now();
  socket.on('error', () => undefined).resume();
  socket.write(at_once);
  const trickle = setInterval(() => {
    if (socket.writable) socket.write(bit);
  }, 1_000);
  try {
    await once(socket, 'close', { signal: AbortSignal.timeout(LIMIT_MS + MARGIN_MS) });
    return performance.now() - started_ms;
  } catch {
    return null;
  } finally {
    clearInterval(trickle);
    socket.destroy();
  }
}
