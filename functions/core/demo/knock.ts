import { answer } from '../http/answer.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Door } from '../http/route.ts';
import type { Suite } from '../suite.ts';
import type { Reading } from './controller.ts';

/** Whose points they are. */
export interface Sender {
  readonly tenant_id: string;
  readonly device_id: string;
  readonly key: string;
}

/** `refused` is the key, most likely for good; `later` is whatever may pass, as when the device is enabled again. */
export type Welcome = 'taken' | 'refused' | 'later';

/**
 * Posts points through a door of this process: a request like any other, only without a socket, so that a certificate
 * or an address makes no difference. What was not taken has to be sent again.
 */
export async function knock(suite: Suite, door: Door, sender: Sender, points: readonly Reading[]): Promise<Welcome> {
  const { status } = await answer(suite, door, requestOf(suite, sender, points));
  // 422: all were refused for good, as when somebody else has posted other values for the same time.
  if (status === 200 || status === 422) return 'taken';
  return status === 401 ? 'refused' : 'later';
}

function requestOf(suite: Suite, { tenant_id, device_id, key }: Sender, points: readonly Reading[]): HttpRequest {
  const body = Buffer.from(JSON.stringify({ device_id, points }));
  const headers: ReadonlyMap<string, string> = new Map([
    [suite.config.tenant_header.toLowerCase(), tenant_id],
    ['authorization', `Bearer ${key}`],
    ['content-type', 'application/json'],
    ['content-length', String(body.byteLength)],
    ['user-agent', 'demo-controller'],
  ]);
  return {
    method: 'POST',
    path: '/v1/telemetry',
    query: '',
    protocol: 'HTTP/1.1',
    header: (name) => headers.get(name),
    socket_address: '127.0.0.1',
    body: (limit_bytes) => Promise.resolve(body.byteLength > limit_bytes ? null : body),
  };
}
