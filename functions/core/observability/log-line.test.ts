import assert from 'node:assert/strict';
import { Entry } from '@google-cloud/logging';
import fc from 'fast-check';
import { lineOf } from './log-line.ts';
import type { LogEntry } from './log.ts';

const TIME_MS = Date.UTC(2025, 2, 3, 9, 0, 0, 123);
const PLAIN: LogEntry = { severity: 'INFO', message: 'well', time_ms: TIME_MS, fields: {}, context: {} };

const FULL: LogEntry = {
  severity: 'NOTICE',
  message: 'GET /v1/devices/{device_id} 403',
  time_ms: TIME_MS,
  fields: { function: 'devices', tenant_id: 'acme', reads: 2, writes: 0, outcome: 'refused', request_id: 'r-1' },
  context: {
    labels: { function: 'devices', build: 'devices-00007' },
    trace: { trace: 'projects/p/traces/0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331', sampled: true },
    http: {
      method: 'GET',
      path: '/v1/devices/{device_id}',
      status: 403,
      response_bytes: 312,
      latency_ms: 12.3,
      protocol: 'HTTP/1.1',
    },
  },
};

/** What the client library writes to standard output for the same entry. */
function byTheLibrary({ severity, message, time_ms, fields, context }: LogEntry): Record<string, unknown> {
  const { labels, trace, http } = context;
  const metadata = {
    severity,
    timestamp: new Date(time_ms),
    ...(labels === undefined ? {} : { labels }),
    ...(trace === undefined ? {} : { trace: trace.trace, spanId: trace.span_id, traceSampled: trace.sampled }),
    ...(http === undefined
      ? {}
      : {
          httpRequest: {
            requestMethod: http.method,
            requestUrl: http.path,
            status: http.status,
            responseSize: String(http.response_bytes),
            protocol: http.protocol,
            latency: `${(http.latency_ms / 1_000).toFixed(4)}s`,
          },
        }),
  };
  const written = new Entry(metadata as ConstructorParameters<typeof Entry>[0], { message, ...fields });
  return parsed(JSON.stringify(written.toStructuredJSON('', false)));
}

function parsed(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

describe('log line', () => {
  const words = fc.string({ unit: 'binary', maxLength: 60 });
  const entries: fc.Arbitrary<LogEntry> = fc.record({
    severity: fc.constantFrom('DEBUG', 'INFO', 'NOTICE', 'WARNING', 'ERROR', 'CRITICAL'),
    message: words,
    time_ms: fc.integer({ min: 0, max: 4e12 }),
    fields: fc.dictionary(
      fc.constantFrom('tenant_id', 'device_id', 'reads', 'code', 'stack', 'outcome'),
      fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
      { noNullPrototype: true },
    ),
    context: fc.record(
      {
        labels: fc.constant({ function: 'login', build: 'x' }),
        trace: fc.record({
          trace: fc.constantFrom('projects/p/traces/1', 'bare'),
          span_id: fc.option(fc.constant('b7ad6b7169203331'), { nil: undefined }),
          sampled: fc.option(fc.boolean(), { nil: undefined }),
        }),
        http: fc.record({
          method: fc.constantFrom('GET', 'POST'),
          path: fc.option(fc.constant('/v1/login'), { nil: undefined }),
          status: fc.integer({ min: 200, max: 599 }),
          response_bytes: fc.nat(),
          latency_ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
          protocol: fc.constant('HTTP/1.1'),
        }),
      },
      { requiredKeys: [] },
    ),
  });

  it('is what @google-cloud/logging would write, but for how the time is spelt and an id that reading the line gives', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const { time, ...ours } = parsed(lineOf(entry));
        const { timestamp, 'logging.googleapis.com/insertId': id, ...theirs } = byTheLibrary(entry);
        assert.deepEqual(ours, theirs);
        const { seconds, nanos } = timestamp as { seconds: number; nanos: number };
        assert.equal(Date.parse(String(time)), seconds * 1_000 + Math.round(nanos / 1e6));
        assert.equal(typeof id, 'string');
      }),
      { examples: [[FULL], [PLAIN]] },
    );
  });

  it('has the names that Cloud Logging knows', () => {
    assert.deepEqual(parsed(lineOf(FULL)), {
      severity: 'NOTICE',
      message: 'GET /v1/devices/{device_id} 403',
      time: '2025-03-03T09:00:00.123Z',
      function: 'devices',
      tenant_id: 'acme',
      reads: 2,
      writes: 0,
      outcome: 'refused',
      request_id: 'r-1',
      httpRequest: {
        requestMethod: 'GET',
        requestUrl: '/v1/devices/{device_id}',
        status: 403,
        responseSize: '312',
        protocol: 'HTTP/1.1',
        latency: '0.0123s',
      },
      'logging.googleapis.com/labels': { function: 'devices', build: 'devices-00007' },
      'logging.googleapis.com/trace': 'projects/p/traces/0af7651916cd43dd8448eb211c80319c',
      'logging.googleapis.com/spanId': 'b7ad6b7169203331',
      'logging.googleapis.com/trace_sampled': true,
    });
  });

  it('is one line of plain characters, whatever is in it', () => {
    const nasty = 'a\r\nb\u0000\u001b[31mc\u007fd\u0085e\u2028f\u202eg\ufeffh\ud800i';
    const line = lineOf({ ...PLAIN, message: nasty, fields: { code: nasty, stack: nasty } });
    assert.match(line, /^[\x20-\x7e]*\n$/);
    assert.equal(parsed(line)['code'], nasty);
  });

  it('is bounded', () => {
    const long = 'x'.repeat(100_000);
    const line = lineOf({ ...PLAIN, message: long, fields: { code: long, stack: long } });
    assert.ok(line.length < 11_000, String(line.length));
    assert.equal(String(parsed(line)['stack']).length, 8_192);
  });
});
