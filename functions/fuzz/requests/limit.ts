/** How long a body at the size limit keeps the suite busy, whatever it is made of. */
import { RawClient } from './connection.ts';
import { wire, type FuzzRequest } from './request.ts';
import type { Target } from './targets.ts';

export const LIMIT_BYTES = 1_048_576;
const TRIES = 7;
const PATIENCE_MS = 10_000;

export interface LimitAnswer {
  readonly shape: string;
  readonly status: number;
  /** The median of several. */
  readonly took_ms: number;
}

type Shape = (device_id: string, now_ms: number) => string;

const filled = (unit: string, from = '', to = ''): string =>
  `${from}${unit.repeat(Math.floor((LIMIT_BYTES - from.length - to.length) / unit.length))}${to}`;
const post = (device_id: string, points: string): string => `{"device_id":"${device_id}","points":[${points}]}`;

/** Each is what some parser finds hard. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  spaces: () => filled(' '),
  'an object after spaces': () => filled(' ', '', '{}'),
  'one string': () => filled('x', '"', '"'),
  'a string without end': () => filled('x', '"'),
  'escapes without end': () => filled('\\n', '"'),
  'escaped units': () => filled('\\u0041', '"', '"'),
  'half a pair at the end': () => filled('\\u0041', '"', '\\ud800"'),
  'open brackets': () => filled('['),
  'open braces': () => filled('{"a":'),
  'one number': () => filled('9'),
  'a small fraction': () => filled('0', '0.', '1'),
  'short numbers': () => filled('0,', '[', '0]'),
  'empty lists': () => filled('[],', '[', '[]]'),
  'empty objects': () => filled('{},', '[', '{}]'),
  'long exponents': () => filled('1e-300,', '[', '0]'),
  'many keys': () => keys(LIMIT_BYTES),
  'objects of many keys': () => filled(`${keys(9_000)},`, '[', '0]'),
  'points that are none': (device_id) => filled('0,', `{"device_id":"${device_id}","points":[`, '0]}'),
  'unknown members': (device_id) => `{"device_id":"${device_id}",${filled('"k":0,').slice(0, LIMIT_BYTES - 100)}"z":0}`,
  'long names': (device_id, now_ms) =>
    post(
      device_id,
      points(now_ms, 900, () => `"${'n'.repeat(1_000)}":1`),
    ),
  'long texts': (device_id, now_ms) =>
    post(
      device_id,
      points(now_ms, 900, () => `"a":"${'é'.repeat(500)}"`),
    ),
  'the most points': (device_id, now_ms) =>
    post(
      device_id,
      points(now_ms, 1_000, (at) => metrics(at)),
    ),
};

function keys(bytes: number): string {
  return `{${Array.from({ length: Math.floor(bytes / 12) }, (_none, at) => `"k${at.toString(36).padStart(5, '0')}":0`).join(',')}}`;
}

function points(now_ms: number, count: number, members: (at: number) => string): string {
  return Array.from(
    { length: count },
    (_none, at) => `{"timestamp_ms":${String(now_ms - at)},"metrics":{${members(at)}}}`,
  ).join(',');
}

/** 1,000 of these fill the limit. */
function metrics(at: number): string {
  return Array.from({ length: 60 }, (_none, name) => `"m${String(name)}":${String(at)}.25`).join(',');
}

/** Posts every shape to a server, several times each. */
export async function timeLimit(target: Target): Promise<readonly LimitAnswer[]> {
  const { port, actors } = target;
  const client = new RawClient(port);
  const { device_id, now_ms } = actors.known;
  const answers: LimitAnswer[] = [];
  for (const [shape, make] of Object.entries(SHAPES)) {
    const request = asPost(make(device_id, now_ms));
    const bytes = wire(request, actors.headersOf('device'), `127.0.0.1:${String(port)}`);
    const took: number[] = [];
    let status = 0;
    for (let tries = 0; tries < TRIES; tries += 1) {
      target.nextMinute();
      const heard = await client.send(bytes, { head: false, alone: false, ends: false, patience_ms: PATIENCE_MS });
      took.push(heard.took_ms);
      ({ status } = heard);
    }
    answers.push({ shape, status, took_ms: took.sort((a, b) => a - b)[Math.floor(TRIES / 2)] ?? 0 });
  }
  client.close();
  return answers;
}

function asPost(text: string): FuzzRequest {
  const base = { route: 'POST /v1/telemetry', kind: 'limit', actor: 'device', method: 'POST' } as const;
  const headers = [['Content-Type', 'application/json']] as const;
  return { ...base, target: '/v1/telemetry', headers, body: Buffer.from(text).subarray(0, LIMIT_BYTES) };
}
