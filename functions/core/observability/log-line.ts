import type { HttpFacts, LogEntry, LogFields, TracePlace } from './log.ts';

const MAX_TEXT = 1_024;
const MAX_STACK = 8_192;

/** What JSON leaves as it is and a terminal or an editor may obey: DEL, C1, directions, and odd ends of lines. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const EVERY_UNSEEN = new RegExp(UNSEEN, 'g');

/**
 * One line as Cloud Logging reads it from standard output: what it knows is under the names it knows, and the rest
 * becomes `jsonPayload`. https://cloud.google.com/logging/docs/structured-logging
 */
export function lineOf(entry: LogEntry): string {
  const text = JSON.stringify(structured(entry));
  return `${UNSEEN.test(text) ? text.replace(EVERY_UNSEEN, asEscape) : text}\n`;
}

function structured({ severity, message, time_ms, fields, context }: LogEntry) {
  const { labels, trace, http } = context;
  return {
    severity,
    message: bounded(message, MAX_TEXT),
    time: new Date(time_ms).toISOString(),
    ...boundedFields(fields),
    ...(http === undefined ? {} : { httpRequest: { ...httpRequest(http), latency: duration(http.latency_ms) } }),
    ...(labels === undefined ? {} : { 'logging.googleapis.com/labels': labels }),
    ...(trace === undefined ? {} : traceFields(trace)),
  };
}

function traceFields({ trace, span_id, sampled }: TracePlace) {
  return {
    'logging.googleapis.com/trace': trace,
    'logging.googleapis.com/spanId': span_id,
    'logging.googleapis.com/trace_sampled': sampled,
  };
}

/** Cloud Logging's `HttpRequest` but for its latency, which JSON and gRPC spell differently. */
export function httpRequest({ method, path, status, response_bytes, protocol }: HttpFacts) {
  return {
    requestMethod: method,
    ...(path === undefined ? {} : { requestUrl: path }),
    status,
    responseSize: String(response_bytes),
    protocol,
  };
}

function duration(latency_ms: number): string {
  return `${(latency_ms / 1_000).toFixed(4)}s`;
}

/** The fields with every text cut to what a log may hold. */
export function boundedFields(fields: LogFields): LogFields {
  const kept: Record<string, LogFields[string]> = {};
  for (const [name, value] of Object.entries(fields)) {
    kept[name] = typeof value === 'string' ? bounded(value, name === 'stack' ? MAX_STACK : MAX_TEXT) : value;
  }
  return kept;
}

export function bounded(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function asEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
