/** What bare requests are put together from. */
import type { Random } from './random.ts';
import type { Header } from './request.ts';

export const CRLF = '\r\n';
export const BODY = '{"device_id":"x","points":[]}';

/** What the cases are made of: a route that writes, and who may use it. */
export interface Frame {
  readonly host: string;
  readonly credentials: readonly Header[];
}

export type Case = (random: Random, frame: Frame) => string | Buffer;

export const own = ({ credentials }: Frame): string =>
  credentials.map(([name, value]) => `${name}: ${value}${CRLF}`).join('');
export const post = (frame: Frame, more: string, body = BODY): string =>
  `POST /v1/telemetry HTTP/1.1${CRLF}Host: ${frame.host}${CRLF}${own(frame)}Content-Type: application/json${CRLF}${more}${CRLF}${body}`;
export const get = (frame: Frame, target: string, more = ''): string =>
  `GET ${target} HTTP/1.1${CRLF}Host: ${frame.host}${CRLF}${own(frame)}${more}${CRLF}`;
export const chunked = (frame: Frame, body: string, more = ''): string =>
  post(frame, `Transfer-Encoding: chunked${CRLF}${more}`, body);
