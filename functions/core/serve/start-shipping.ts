import { systemClock } from '../clock.ts';
import { projectOf, type Config } from '../config.ts';
import { SetupError } from '../errors.ts';
import { systemIds } from '../ids.ts';
import { cloudLog } from './cloud-log.ts';
import type { LineSink } from './log.ts';
import { Shipper } from './shipper.ts';

/** Begins to ship a box's log to Cloud Logging when the command line or LOG_TO_CLOUD asks for it; else null. */
export function startShipping(config: Config, tell: LineSink, asked: boolean): Shipper | null {
  const { logs } = config;
  if (!asked && logs?.to_cloud !== true) return null;
  const project_id = projectOf(config);
  if (project_id === undefined)
    throw new SetupError('GCP_PROJECT_ID: name the project whose Cloud Logging takes the log.');
  const send = cloudLog({ project_id, endpoint: logs?.cloud_endpoint });
  return new Shipper({ send, clock: systemClock, process: systemIds.uuid(), tell });
}
