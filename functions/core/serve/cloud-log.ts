import { hostname } from 'node:os';
import * as z from 'zod';
import { boundedFields, httpRequest } from '../observability/log-line.ts';
import type { HttpFacts } from '../observability/log.ts';
import type { SendLines, WaitingLine } from './shipper.ts';

export interface CloudLogTarget {
  readonly project_id: string;
  /** `host:port`; undefined is the global one. */
  readonly endpoint: string | undefined;
}

const LOG_NAME = 'bas';
const CALL_MS = 5_000;

/** The client below `Logging`, which has no type there. */
const Service = z.custom<{ initialize(): Promise<unknown> }>((it) => it instanceof Object && 'initialize' in it);

/** Sends lines to Cloud Logging in the name of the Application Default Credentials. The package is loaded by the first. */
export function cloudLog({ project_id, endpoint }: CloudLogTarget): SendLines {
  const labels = { project_id, location: 'global', namespace: LOG_NAME, node_id: hostname() };
  const resource = { type: 'generic_node', labels };
  const open = async () => {
    const { Logging } = await import('@google-cloud/logging');
    const [apiEndpoint, port] = endpoint?.split(':') ?? [];
    const elsewhere = apiEndpoint === undefined ? {} : { apiEndpoint, port: Number(port) };
    const logging = new Logging({ projectId: project_id, ...elsewhere });
    // Waited for: when its calls start it themselves and there are no credentials, the client ends the process.
    await Service.parse(logging.loggingService).initialize();
    return logging.log(LOG_NAME);
  };
  let opened: ReturnType<typeof open> | undefined;
  const opening = (): ReturnType<typeof open> =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  return async (lines) => {
    const log = await opening();
    const entries = lines.map((line) =>
      log.entry(metadataOf(line), { message: line.message, ...boundedFields(line.fields) }),
    );
    // The shipper tries again by itself, and later: a retry here would only multiply its tries.
    await log.write(entries, { resource, gaxOptions: { timeout: CALL_MS, retry: null } });
  };
}

/** The same names and values as `lineOf` gives them, as gRPC spells them. */
function metadataOf({ severity, time_ms, insert_id, context: { labels, trace, http } }: WaitingLine) {
  const metadata = { severity, timestamp: new Date(time_ms), insertId: insert_id };
  return {
    ...metadata,
    ...(labels === undefined ? {} : { labels }),
    ...(trace === undefined ? {} : { trace: trace.trace }),
    ...(trace?.span_id === undefined ? {} : { spanId: trace.span_id }),
    ...(trace?.sampled === undefined ? {} : { traceSampled: trace.sampled }),
    ...(http === undefined ? {} : { httpRequest: requestOf(http) }),
  };
}

function requestOf(http: HttpFacts) {
  const { requestUrl = null, ...request } = httpRequest(http, durationOf(http.latency_ms));
  return { ...request, requestUrl };
}

function durationOf(latency_ms: number) {
  const seconds = Math.floor(latency_ms / 1_000);
  return { seconds, nanos: Math.round((latency_ms - seconds * 1_000) * 1e6) };
}
