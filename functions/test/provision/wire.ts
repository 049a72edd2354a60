/** Requests and answers as they are on the wire, the same for every API. */
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Sent } from './shape.ts';
import type { Refusal } from './world.ts';

/** Who sent it. */
export function clientOf({ headers }: IncomingMessage): 'gcloud' | 'firebase' | 'provision' {
  const agent = `${headers['user-agent']} ${String(headers['x-client-version'])}`;
  if (agent.includes('gcloud')) return 'gcloud';
  return /FirebaseCLI/i.test(agent) ? 'firebase' : 'provision';
}

export async function readSent(message: IncomingMessage): Promise<Sent> {
  const url = new URL(message.url ?? '/', 'http://local');
  const body = await text(message);
  return {
    method: message.method ?? '',
    path: decodeURIComponent(url.pathname.slice(1)),
    query: url.searchParams,
    body: body === '' ? undefined : JSON.parse(body),
  };
}

/** The services leave out what is empty, and an enumeration's first value: `zeros`, by field. */
export function asTold(value: unknown, zeros: ReadonlyMap<string, ReadonlySet<string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => asTold(one, zeros));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, one]) => !isEmpty(one) && zeros.get(name)?.has(String(one)) !== true,
  );
  return Object.fromEntries(kept.map(([name, one]) => [name, asTold(one, zeros)]));
}

function isEmpty(value: unknown): boolean {
  return value === 0 || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
};

/** `google.rpc.Status` as JSON. */
export function refusalAsTold({ status, message, more }: Refusal): { status: number; body: object } {
  return { status, body: { error: { code: status, message, status: STATUS[status] ?? 'INTERNAL', ...more } } };
}
