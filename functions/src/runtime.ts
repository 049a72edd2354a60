import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Door } from '@bas/core';
import { readConfig } from '@bas/core/config';
import { answer } from '@bas/core/http/answer';
import { fromNode, toNode } from '@bas/core/http/node-adapter';
import { createSuite, type Suite } from '@bas/core/suite';
import type { Schedule } from './schedules.ts';

let shared: Suite | undefined;

/** The one suite of this instance. Made on the first call: configuration is not there while functions are discovered. */
function suite(): Suite {
  shared ??= createSuite(readConfig());
  return shared;
}

/** Makes the handler of an HTTPS function; the door's code is loaded on its first call. */
export function https(load: () => Promise<{ default: Door }>) {
  return async (request: IncomingMessage & { rawBody?: Uint8Array }, response: ServerResponse): Promise<void> => {
    const door = (await load()).default;
    toNode(await answer(suite(), door, fromNode(request)), response, request);
  };
}

/** Makes the handler of a scheduled function. A failure is logged whole and thrown on, so that the job counts as failed. */
export function scheduled(schedule: Schedule) {
  return async (): Promise<void> => {
    const { logger } = suite();
    try {
      logger.log('INFO', await (await schedule.load()).default(suite()));
    } catch (error) {
      logger.log('ERROR', 'schedule failed', { stack: error instanceof Error ? error.stack : String(error) });
      throw error;
    }
  };
}
