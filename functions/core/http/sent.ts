import type { Exchange } from './exchange.ts';

/** Enough for every request but one that is made to be long; patterns look after what is beyond. */
const MAX_VALUES = 500;
const HEADERS = ['authorization', 'cookie', 'user-agent', 'x-forwarded-for', 'if-none-match'] as const;

/** Every text that came with a request: its address, credentials, query, and the names and values of its body. */
export function sentWith(exchange: Exchange): readonly string[] {
  const { request, config, address, params, input } = exchange;
  const headers = [...HEADERS, config.tenant_header.toLowerCase()].map((name) => request.header(name) ?? '');
  const query = [...new URLSearchParams(request.query)].flat();
  const found = new Set([request.path, address, request.socket_address, ...Object.values(params), ...query]);
  for (const header of headers) for (const part of [header, ...header.split(/[\s;,=]+/)]) found.add(part);
  collect(input, found);
  return [...found];
}

function collect(value: unknown, found: Set<string>): void {
  if (found.size >= MAX_VALUES) return;
  if (typeof value === 'string') found.add(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      if (!Array.isArray(value)) found.add(name);
      collect(part, found);
    }
  }
}
