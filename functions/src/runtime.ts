import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readConfig, TENANT_HEADER } from '@bas/core/config';
import { answer } from '@bas/core/http/answer';
import { Problem } from '@bas/core/errors';
import { commonHeaders } from '@bas/core/http/common-headers';
import { findDoor, type LoadDoor } from '@bas/core/http/match';
import type { HttpResponse } from '@bas/core/http/message';
import { fromNode, toNode } from '@bas/core/http/node-adapter';
import { problemResponse } from '@bas/core/http/problem';
import { systemIds } from '@bas/core/ids';
import { jsonLogger, stackOf } from '@bas/core/observability/log';
import { logWarnings } from '@bas/core/observability/process-log';
import { loggedRun } from '@bas/core/observability/scheduled-run';
import type { ScheduledWork } from '@bas/core/serve/schedule';
import { createSuite, type Suite } from '@bas/core/suite';
import { schedules } from './schedules.ts';
import { ownUncaught } from './uncaught.ts';

/**
 * The functions framework inflates, keeps and parses bodies before a handler runs, up to far more than an instance's memory,
 * and answers broken ones, and paths that cannot be decoded, by itself; Node answers an expectation that it does not know.
 * They leave alone what has no type and expects nothing; our checks read the headers as sent.
 */
subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage };
  delete request.headers['content-type'];
  delete request.headers['content-encoding'];
  if (request.headers.expect?.toLowerCase() !== '100-continue') delete request.headers.expect;
  const [path = '/'] = request.url?.split('?') ?? [];
  if (!isDecodable(path)) request.url = path.replaceAll('%', '%25');
});

function isDecodable(path: string): boolean {
  try {
    decodeURI(path);
    return true;
  } catch {
    return false;
  }
}

logWarnings(jsonLogger);

let shared: Suite | undefined;

/** The one suite of this instance. Made on the first call: configuration is not there while functions are discovered. */
function suite(): Suite {
  if (shared === undefined) {
    shared = createSuite(readConfig());
    writeUsageBeforeEnding(shared);
  }
  return shared;
}

/** Whoever else listens would end the process at once: they are told when what was used is written, a second later at most. */
function writeUsageBeforeEnding({ usage }: Suite): void {
  const others = process.listeners('SIGTERM');
  process.removeAllListeners('SIGTERM');
  process.once('SIGTERM', (signal: NodeJS.Signals) => {
    void usage.writeAll().finally(() => {
      for (const listener of others) listener(signal);
      if (others.length === 0) process.kill(process.pid, signal);
    });
  });
}

/** Makes the handler of an HTTPS function; a door's code is loaded on its first call. */
export function https(...loads: readonly [LoadDoor, ...LoadDoor[]]) {
  return async (request: IncomingMessage & { rawBody?: Uint8Array }, response: ServerResponse): Promise<void> => {
    ownUncaught();
    try {
      const asked = fromNode(request);
      const door = await findDoor(loads, asked.path);
      toNode(await answer(suite(), door, asked), response, request);
    } catch (error) {
      toNode(misconfigured(error), response, request);
    }
  };
}

/** Nothing thrown gets past `answer`, so this is a deployment that cannot start: told whole in its log, not outside. */
function misconfigured(error: unknown): HttpResponse {
  const request_id = systemIds.uuid();
  const facts = { outcome: 'failure', code: 'internal', request_id };
  jsonLogger.log('ERROR', 'the function cannot start', { ...facts, stack: stackOf(error) });
  const problem = new Problem('internal', 'The service is not set up; its log says what is missing.');
  const response = problemResponse(problem, request_id);
  return { ...response, headers: { ...commonHeaders(request_id, TENANT_HEADER), ...response.headers } };
}

/**
 * Makes the handler of a scheduled function. A failure is logged whole and thrown on, so that the job counts as failed:
 * without its message, which the wrapper around this would write as it is.
 */
export function scheduled(name: keyof typeof schedules) {
  return async (): Promise<void> => {
    ownUncaught();
    const found = suiteOrNull();
    if (found === null) throw new Error(FAILED);
    const done = await loggedRun(found, name, async (meter) => {
      const { default: work }: { default: ScheduledWork } = await schedules[name].load();
      return work(found, undefined, meter);
    });
    if (!done) throw new Error(FAILED);
  };
}

const FAILED = 'The run failed; its own line of the log says why.';

function suiteOrNull(): Suite | null {
  try {
    return suite();
  } catch (error) {
    jsonLogger.log('ERROR', 'the function cannot start', { outcome: 'failure', stack: stackOf(error) });
    return null;
  }
}
