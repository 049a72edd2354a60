import type { Answer } from '../support/client.ts';

/** All that a client can tell apart, without what differs in every answer. */
export function visible({ status, headers, text }: Answer): unknown {
  const varying = ['date', 'x-request-id'];
  const lasting = Object.entries(headers).filter(([name]) => !varying.includes(name));
  return { status, headers: lasting, text: text.replaceAll(String(headers['x-request-id']), '<request_id>') };
}
