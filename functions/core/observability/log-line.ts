import type { HttpFacts, LogEntry, LogFields } from './log.ts';

const MAX_TEXT = 1_024;
/** Longer than any stack that `stackOf` makes. */
export const MAX_STACK = 8_192;

/** What JSON leaves as it is and a terminal or an editor may obey: DEL, C1, directions, and odd ends of lines. */
export const UNSEEN_CLASS = String.raw`\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff`;
const UNSEEN = new RegExp(`[${UNSEEN_CLASS}]`);
const EVERY_UNSEEN = new RegExp(UNSEEN, 'g');

/**
 * One line as Cloud Logging reads it from standard output: what it knows is under the names it knows, and the rest
 * becomes `jsonPayload`. https://cloud.google.com/logging/docs/structured-logging
 */
export function lineOf(entry: LogEntry): string {
  const text = JSON.stringify(structured(entry));
  return `${UNSEEN.test(text) ? text.replace(EVERY_UNSEEN, asEscape) : text}\n`;
}

/** What is undefined is left out by JSON. One literal, because that is what V8 turns into text fastest. */
function structured({ severity, message, time_ms, fields, context: { labels, trace, http } }: LogEntry) {
  return {
    severity,
    message: bounded(message, MAX_TEXT),
    time: isoTime(time_ms),
    ...boundedFields(fields),
    httpRequest: http === undefined ? undefined : httpRequest(http, duration(http.latency_ms)),
    'logging.googleapis.com/labels': labels,
    'logging.googleapis.com/trace': trace?.trace,
    'logging.googleapis.com/spanId': trace?.span_id,
    'logging.googleapis.com/trace_sampled': trace?.sampled,
  };
}

/** Cloud Logging's `HttpRequest`, with the latency as JSON or as gRPC spells it. */
export function httpRequest<L>({ method, path, status, response_bytes, protocol }: HttpFacts, latency: L) {
  return {
    requestMethod: method,
    requestUrl: path,
    status,
    responseSize: String(response_bytes),
    protocol,
    latency,
  };
}

function duration(latency_ms: number): string {
  return `${(latency_ms / 1_000).toFixed(4)}s`;
}

/** The fields with every text cut to what a log may hold; the same object when nothing is too long. */
export function boundedFields(fields: LogFields): LogFields {
  let kept: Record<string, LogFields[string]> | undefined;
  for (const name in fields) {
    const value = fields[name];
    const length = name === 'stack' ? MAX_STACK : MAX_TEXT;
    if (typeof value !== 'string' || value.length <= length) continue;
    kept ??= { ...fields };
    kept[name] = bounded(value, length);
  }
  return kept ?? fields;
}

export function bounded(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

let second = { at_s: Number.NaN, text: '' };

/** As `toISOString` has it; most lines share their second with the one before. */
function isoTime(time_ms: number): string {
  const at_s = Math.floor(time_ms / 1_000);
  if (second.at_s !== at_s) second = { at_s, text: new Date(at_s * 1_000).toISOString().slice(0, -4) };
  return `${second.text}${String(Math.floor(time_ms - at_s * 1_000)).padStart(3, '0')}Z`;
}

function asEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
