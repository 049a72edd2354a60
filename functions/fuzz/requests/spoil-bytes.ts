/** Requests that no client library would send, byte by byte: frames of bodies here, heads in a file of their own. */
import type { Random } from './random.ts';
import { BODY, chunked, CRLF, get, post, type Case, type Frame } from './raw-frame.ts';
import { HEAD_CASES } from './raw-heads.ts';
import type { FuzzRequest } from './request.ts';

const BROKEN_CHUNKS = [
  'x\r\n',
  '-1\r\nx\r\n0\r\n\r\n',
  `${'f'.repeat(17)}\r\nx`,
  '5\r\nab',
  '1\r\nab\r\n0\r\n\r\n',
  '1;ext="\r\nx\r\n0\r\n\r\n',
  `1;${'e'.repeat(20_000)}\r\n{\r\n0\r\n\r\n`,
  '0x1\r\n{\r\n0\r\n\r\n',
  ' 1\r\n{\r\n0\r\n\r\n',
  '1\n{\n0\n\n',
  '0\r\nX-BAS-Tenant: globex\r\n\r\n',
  '2\r\n{}\r\n0\r\n',
  '',
  `0\r\n${'T: x\r\n'.repeat(3_000)}\r\n`,
];
const LENGTHS = [
  '-1',
  '+5',
  '5, 5',
  '5,6',
  '0x5',
  '1e1',
  '',
  ' ',
  '99999999999999999999',
  '18446744073709551617',
  '5 5',
  '５',
];

const BYTE_CASES: Readonly<Record<string, Case>> = {
  'broken chunks': (random, frame) => chunked(frame, random.pick(BROKEN_CHUNKS)),
  'whole chunks': (_random, frame) =>
    chunked(frame, Array.from(BODY, (letter) => `1${CRLF}${letter}${CRLF}`).join('') + `0${CRLF}${CRLF}`),
  'two framings': (random, frame) =>
    chunked(frame, `0${CRLF}${CRLF}${BODY}`, `Content-Length: ${String(random.pick([0, 5, BODY.length]))}${CRLF}`),
  'odd coding': (random, frame) => {
    const coding = random.pick([
      'gzip, chunked',
      'chunked, gzip',
      'chunked, chunked',
      'identity',
      'xchunked',
      '"chunked"',
      'chunked\u000b',
    ]);
    return post(frame, `Transfer-Encoding: ${coding}${CRLF}`, `0${CRLF}${CRLF}`);
  },
  'coding in disguise': (random, frame) => {
    const header = random.pick([
      'Transfer-Encoding : chunked',
      ' Transfer-Encoding: chunked',
      'Transfer\u0000-Encoding: chunked',
      'Transfer-Encoding\n: chunked',
    ]);
    return post(frame, `${header}${CRLF}Content-Length: ${String(BODY.length)}${CRLF}`);
  },
  'odd length': (random, frame) => post(frame, `Content-Length: ${random.pick(LENGTHS)}${CRLF}`),
  'two lengths': (random, frame) => {
    const second = random.pick([BODY.length, 0, BODY.length + 1]);
    return post(frame, `Content-Length: ${String(BODY.length)}${CRLF}Content-Length: ${String(second)}${CRLF}`);
  },
  'too little body': (random, frame) =>
    post(frame, `Content-Length: ${String(BODY.length + random.int(1, 1_000))}${CRLF}`),
  'too much body': (_random, frame) => post(frame, `Content-Length: 2${CRLF}`, `{}${get(frame, '/v1/session')}`),
  'no framing': (_random, frame) => post(frame, ''),
  ...HEAD_CASES,
  noise: (random) => random.bytes(random.int(1, 600)),
  'flipped bytes': (random, frame) => {
    const bytes = Buffer.from(post(frame, `Content-Length: ${String(BODY.length)}${CRLF}`), 'latin1');
    for (let flips = random.int(1, 5); flips > 0; flips -= 1)
      bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
    return bytes;
  },
  'cut off': (random, frame) => {
    const text = post(frame, `Content-Length: ${String(BODY.length)}${CRLF}`);
    return text.slice(0, random.int(1, text.length - 1));
  },
};

/** Cases that may leave the server waiting for more, by their nature or by chance. */
const UNFINISHED = new Set([
  'broken chunks',
  'two framings',
  'odd coding',
  'too little body',
  'odd length',
  'another protocol',
  'noise',
  'flipped bytes',
  'cut off',
]);

/** One of the cases, with the credentials of a device. */
export function byteRequest(random: Random, frame: Frame): FuzzRequest {
  const kind = random.pick(Object.keys(BYTE_CASES));
  const made = BYTE_CASES[kind]?.(random, frame) ?? '';
  const raw = typeof made === 'string' ? Buffer.from(made, 'latin1') : made;
  const base = { route: 'bytes', kind: `bytes: ${kind}`, actor: 'device', method: 'GET', target: '' } as const;
  return { ...base, headers: [], body: null, raw, ends: UNFINISHED.has(kind) };
}
