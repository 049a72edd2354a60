/** Spoils what stands before a body: methods, types, encodings, credentials, headers. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { ProblemCode } from '@bas/core/errors';
import type { FuzzRequest, Header } from './request.ts';
import { JSON_TYPE, requestOf, type Draft, type Spoil } from './valid.ts';

const NO_METHOD: readonly ProblemCode[] = ['method_not_allowed'];
const NO_TYPE: readonly ProblemCode[] = ['unsupported_media_type'];
const NO_TENANT: readonly ProblemCode[] = ['tenant_mismatch'];
const NOBODY: readonly ProblemCode[] = ['unauthenticated'];
const BOMB = gzipSync(Buffer.alloc(64 * 1_048_576));

const METHODS = ['HEAD', 'TRACE', 'PUT', 'OPTIONS', 'PROPFIND', 'QUERY', 'MKCOL', 'REPORT', 'PURGE', 'LOCK'];
const wrongMethod: Spoil = (random, draft) =>
  requestOf(draft, 'head: method', { method: random.pick(METHODS), must: NO_METHOD });

/** A method is what stands in the first line, whatever else a header or a parameter says. */
const override: Spoil = (random, draft) => {
  const name = random.pick(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method']);
  if (draft.operation.method !== 'GET') return null;
  return requestOf(draft, 'head: method override', { headers: [[name, random.pick(['DELETE', 'POST', 'PATCH'])]] });
};

const TYPES: readonly (readonly Header[])[] = [
  [],
  [['Content-Type', '']],
  [['Content-Type', 'text/plain']],
  [['Content-Type', 'application/x-www-form-urlencoded']],
  [['Content-Type', 'multipart/form-data; boundary=x']],
  [['Content-Type', 'application/cloudevents+json']],
  [['Content-Type', 'application/jsonp']],
  [['Content-Type', 'application/problem+json']],
  [['Content-Type', '*/*']],
  [['Content-Type', ';application/json']],
  [['Content-Type', 'application/json, text/plain']],
  [JSON_TYPE, ['Content-Type', 'text/plain']],
  [JSON_TYPE, JSON_TYPE],
];
const wrongType: Spoil = (random, draft) =>
  draft.body === undefined
    ? null
    : requestOf(draft, 'head: content type', { headers: random.pick(TYPES), must: NO_TYPE });

const CODINGS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  'gzip, gzip': (body) => gzipSync(gzipSync(body)),
  'identity, gzip': gzipSync,
  'GZIP ': () => BOMB,
  compress: (body) => body,
  '': (body) => body.subarray(1),
};
const coded: Spoil = (random, draft) => {
  if (draft.body === undefined) return null;
  const coding = random.pick(Object.keys(CODINGS));
  const body = CODINGS[coding]?.(Buffer.from(JSON.stringify(draft.body))) ?? null;
  return requestOf(draft, 'head: compressed', {
    headers: [JSON_TYPE, ['Content-Encoding', coding]],
    body,
    must: NO_TYPE,
  });
};

const wrongTenant: Spoil = (random, draft) => {
  const { operation } = draft;
  if (!operation.parameters.some(({ in: place }) => place === 'header') || operation.actor === 'nobody') return null;
  const named = (...values: readonly string[]): readonly Header[] => values.map((value) => ['X-BAS-Tenant', value]);
  const tenant = random.pick([
    named(),
    named(''),
    named('globex'),
    named('ACME'),
    named('acme', 'acme'),
    named('acme, acme'),
    named('globex', 'acme'),
    named('acme,globex'),
    named('acme\u00a0'),
    named('x'.repeat(4_000)),
  ]);
  return withHeaders(draft, 'head: tenant', tenant, { without: ['x-bas-tenant'], must: NO_TENANT });
};

const wrongCredential: Spoil = (random, draft) => {
  if (draft.operation.actor === 'nobody') return null;
  const token = random.text(43);
  const credential = random.pick<readonly Header[]>([
    [],
    [['Cookie', `__session=${token}`]],
    [['Cookie', `__session=${token}; __session=${token}`]],
    [['Cookie', `__session=${token}; pad=${'x'.repeat(5_000)}`]],
    [['Cookie', `__session=${'x'.repeat(5_000)}`]],
    [['Cookie', `__session="${token}"`]],
    [['Cookie', `${'a=b; '.repeat(900)}__session=${token}`]],
    [['Cookie', '__session=']],
    [['Authorization', `Bearer bas_${random.text(32, '0123456789abcdef')}_${token}`]],
    [['Authorization', `Bearer ${'x'.repeat(8_000)}`]],
    [['Authorization', 'Bearer bas___proto___x']],
    [['Authorization', 'Basic YWRtaW46YWRtaW4=']],
    [['Authorization', `bearer${' '.repeat(5_000)}x`]],
    [['X-Session', token]],
  ]);
  return withHeaders(draft, 'head: credential', credential, { without: ['cookie', 'authorization'], must: NOBODY });
};

/** Whatever these say, they change nothing: the request is answered as it would be without them. */
const ODD: readonly (readonly Header[])[] = [
  [['X-Forwarded-For', '6.6.6.6, '.repeat(1_000)]],
  [['X-Forwarded-For', "' OR 1=1 --"]],
  [
    ['X-Real-IP', '::ffff:1.2.3.4'],
    ['True-Client-IP', '1'],
    ['Forwarded', 'for="[::1]"'],
    ['X-Forwarded-Host', 'evil'],
  ],
  [['If-None-Match', '"'.repeat(8_000)]],
  [
    ['If-None-Match', 'W/"'],
    ['If-Modified-Since', 'x'],
  ],
  [['Traceparent', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`]],
  [['Traceparent', `00-${'a'.repeat(5_000)}`]],
  [['X-Cloud-Trace-Context', `${'a'.repeat(32)}/99999999999999999999;o=9`]],
  [
    ['Accept', 'x/'.repeat(3_000)],
    ['Accept-Encoding', 'gzip;q='.repeat(800)],
    ['Accept-Language', '*'],
  ],
  [
    ['Origin', 'null'],
    ['Sec-Fetch-Site', 'cross-site'],
    ['Referer', 'http://evil/'],
  ],
  [
    ['Range', 'bytes=0-0,-1,5-'],
    ['If-Range', 'x'],
  ],
  [
    ['__proto__', 'x'],
    ['constructor', 'x'],
    ['toString', 'x'],
  ],
  [
    ['Transfer-Coding', 'x'],
    ['TE', 'trailers, x'],
    ['Trailer', 'X-BAS-Tenant'],
  ],
  [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', 'x'],
  ],
  [
    ['Upgrade', 'h2c'],
    ['HTTP2-Settings', 'AAMAAABkAARAAAAAAAIAAAAA'],
  ],
];
const odd: Spoil = (random, draft) => withHeaders(draft, 'head: odd headers', random.pick(ODD));
const flood: Spoil = (random, draft) => {
  const count = random.int(50, 600);
  const headers = Array.from({ length: count }, (_none, at): Header => [
    `X-${String(at)}`,
    random.text(random.int(0, 6)),
  ]);
  return withHeaders(draft, 'head: many headers', headers);
};

const AGENTS = ['x'.repeat(12_000), `${'Mozilla '.repeat(1_200)}!`, `${' '.repeat(9_000)}x`, '{"a":1}', '\u00e9', ''];
/** A person's session would end with another browser. */
const agent: Spoil = (random, draft) => {
  const { actor } = draft.operation;
  if (actor !== 'nobody' && actor !== 'device') return null;
  return withHeaders(draft, 'head: user agent', [['User-Agent', random.pick(AGENTS)]], { without: ['user-agent'] });
};

function withHeaders(
  draft: Draft,
  kind: string,
  more: readonly Header[],
  change: Partial<FuzzRequest> = {},
): FuzzRequest {
  const plain = requestOf(draft, kind);
  return { ...plain, headers: [...plain.headers, ...more], ...change };
}

export const HEAD_SPOILS: readonly Spoil[] = [
  wrongMethod,
  override,
  wrongType,
  coded,
  wrongTenant,
  wrongCredential,
  odd,
  flood,
  agent,
];
