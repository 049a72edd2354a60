/** Heads that no client library would send: methods, targets, versions, hosts, lengths of headers. */
import { BODY, CRLF, get, own, post, type Case } from './raw-frame.ts';

export const HEAD_CASES: Readonly<Record<string, Case>> = {
  'long headers': (random, frame) =>
    get(frame, '/v1/session', `X-Long: ${'x'.repeat(random.int(16_000, 200_000))}${CRLF}`),
  'many headers': (random, frame) => get(frame, '/v1/session', 'a:b\r\n'.repeat(random.int(1_900, 20_000))),
  'odd header': (random, frame) => {
    const header = random.pick([
      'X: a\u0000b',
      'X: a\rb',
      'X: a\nb',
      'X\u0001: a',
      ': a',
      'X',
      'X: a\r\n folded',
      'X:\u0007',
      'é: x',
      'X: é',
      'a b: c',
      'X: \u007f',
    ]);
    return get(frame, '/v1/session', `${header}${CRLF}`);
  },
  'odd host': (random, frame) => {
    const host = random.pick([
      '',
      `Host: a${CRLF}Host: b${CRLF}`,
      `Host: ${CRLF}`,
      `Host: ${'h'.repeat(5_000)}${CRLF}`,
      `Host: a b${CRLF}`,
      `Host: ../..${CRLF}`,
    ]);
    return `GET /v1/session HTTP/1.1${CRLF}${host}${own(frame)}${CRLF}`;
  },
  'odd version': (random, frame) => {
    const version = random.pick([
      'HTTP/1.0',
      'HTTP/0.9',
      'HTTP/2.0',
      'HTTP/1.2',
      'HTTP/9.9',
      'http/1.1',
      'HTTP/1.1 x',
      'HTTP',
      '',
      'HTTP/1.10',
      'ICE/1.0',
      'RTSP/1.0',
    ]);
    return `GET /v1/session ${version}${CRLF}Host: ${frame.host}${CRLF}${own(frame)}${CRLF}`;
  },
  'odd method': (random, frame) => {
    const method = random.pick([
      '',
      'get',
      'G\u0000T',
      'GETGET',
      'M'.repeat(20_000),
      'CONNECT',
      'PRI',
      'SOURCE',
      'BREW',
      '\u001b[31mGET',
    ]);
    return `${method} /v1/session HTTP/1.1${CRLF}Host: ${frame.host}${CRLF}${own(frame)}${CRLF}`;
  },
  'odd target': (random, frame) => {
    const absolute = [
      `http://${frame.host}/v1/session`,
      'http://evil/v1/session',
      'HTTPS://evil:1/v1/session?x=1',
      'http://',
      'http:///v1/session',
      'ftp://x/v1/session',
    ];
    const odd = [
      '*',
      '//v1/session',
      '/v1/../v1/session',
      '/v1/session#x',
      '/v1/session?#',
      '/v1;x=1/session',
      '\\v1\\session',
      '/v1/session%00',
      '/v1/%73ession',
      '/v1/session/',
      '/\u00e9',
      '/v1/\u0000session',
      `/${'x'.repeat(20_000)}`,
      '/v1/session?'.padEnd(9_000, 'x'),
      '?x',
      '..',
      '/%',
      '/%ff%fe',
      '/v1/devices/%E0%A4%A',
      '/__proto__',
      '/constructor',
      '/v1/telemetry/devices/__proto__',
    ];
    return get(frame, random.pick([...absolute, ...odd]));
  },
  expectation: (random, frame) => {
    const expect = random.pick(['100-continue', '100-Continue, x', 'nonsense', '200-ok', '']);
    return post(frame, `Expect: ${expect}${CRLF}Content-Length: ${String(BODY.length)}${CRLF}`);
  },
  'two requests': (random, frame) =>
    `${get(frame, '/v1/session')}${random.pick([get(frame, '/v1/session'), 'garbage\r\n\r\n', '\u0000'])}`,
  'another protocol': (random, frame) => {
    const http2 = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004';
    const tls = Buffer.from('16030100a5010000a10303', 'hex');
    const others = [
      http2,
      tls,
      'EHLO x\r\n',
      'SSH-2.0-x\r\n',
      '\u0000\u0000\u0000\u0000',
      '\r\n\r\n\r\n',
      `\r\n${get(frame, '/v1/session')}`,
      'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n',
      '',
    ];
    return random.pick(others);
  },
  'bare newlines': (_random, frame) => get(frame, '/v1/session').replaceAll(CRLF, '\n'),
};
