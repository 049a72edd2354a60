import type { TracePlace } from './log.ts';

const MAX_HEADER = 128;

/** https://www.w3.org/TR/trace-context/#traceparent-header: version 00 ends after the flags, later ones may go on. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** `TRACE/SPAN;o=1`, the span in decimal, or in hex as newer senders write it. */
const CLOUD_TRACE = /^(?!0{32})([0-9a-f]{32})(?:\/(?:(\d{1,20})|([0-9a-f]{16})))?(?:;o=([0-3]))?$/i;
const MAX_SPAN = 2n ** 64n;

/** The trace that the sender says a request belongs to; undefined when it names none as the standards have it. */
export function traceOf(
  header: (name: string) => string | undefined,
  project_id: string | undefined,
): TracePlace | undefined {
  const found = fromTraceparent(header('traceparent')) ?? fromCloudTrace(header('x-cloud-trace-context'));
  if (found === undefined || project_id === undefined) return found;
  return { ...found, trace: `projects/${project_id}/traces/${found.trace}` };
}

function fromTraceparent(text: string | undefined): TracePlace | undefined {
  const found = text === undefined || text.length > MAX_HEADER ? null : TRACEPARENT.exec(text);
  if (found === null) return undefined;
  const [, version, trace = '', span_id, flags = '', more] = found;
  if (version === '00' && more !== undefined) return undefined;
  return { trace, span_id, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function fromCloudTrace(text: string | undefined): TracePlace | undefined {
  const found = text === undefined || text.length > MAX_HEADER ? null : CLOUD_TRACE.exec(text);
  if (found === null) return undefined;
  const [, trace = '', decimal, hex, option] = found;
  const sampled = option === undefined ? undefined : (Number(option) & 1) === 1;
  return { trace: trace.toLowerCase(), span_id: decimal === undefined ? hex?.toLowerCase() : asHex(decimal), sampled };
}

function asHex(decimal: string): string | undefined {
  const span = BigInt(decimal);
  return span === 0n || span >= MAX_SPAN ? undefined : span.toString(16).padStart(16, '0');
}
