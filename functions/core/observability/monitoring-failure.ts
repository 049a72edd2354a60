import * as z from 'zod';
import { SetupError } from '../errors.ts';

/** There was nobody to ask as, so nothing was asked. */
export class NoCredentials extends SetupError {}

const Failure = z.object({ code: z.unknown(), reason: z.string().nullish(), message: z.string() });

const UNREACHABLE = 'did not answer: check the network, and that monitoring.googleapis.com can be reached';
const NO_CREDENTIALS =
  'was not asked, for there are no credentials: run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS';
const NO_NETWORK = /DEADLINE_EXCEEDED|ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/;
const CREDENTIALS =
  /default credentials|metadata from plugin failed|GOOGLE_APPLICATION_CREDENTIALS|does not exist, or it is not a file/;

/** What is looked through of a message: several times what is told of it. */
const MAX_TEXT = 1_000;

/** Why Cloud Monitoring told nothing, and what to do about it, in one line. */
export function monitoringFailure(cause: unknown, project_id: string): SetupError {
  const reason = reasonOf(cause, project_id);
  const told = `Cloud Monitoring of ${project_id} ${reason}.`;
  return reason === NO_CREDENTIALS ? new NoCredentials(told, { cause }) : new SetupError(told, { cause });
}

function reasonOf(error: unknown, project_id: string): string {
  const { code, reason, message } = Failure.safeParse(error).data ?? { message: String(error) };
  if (error instanceof z.ZodError) return 'answered with something else than its description says: update this release';
  const provision = `infra/provision --project ${project_id} --env ENV`;
  if (reason === 'SERVICE_DISABLED') return `is switched off: run ${provision}`;
  if (code === 7)
    return `refused: give roles/monitoring.viewer to a person who asks, and run ${provision} for the account of the functions`;
  if (code === 5) return `has no such metric or project: check the name, and run ${provision} for its log metrics`;
  if (code === 16 || (CREDENTIALS.test(message) && !NO_NETWORK.test(message))) return NO_CREDENTIALS;
  if (code === 4 || code === 14 || NO_NETWORK.test(message)) return UNREACHABLE;
  if (code === 8) return 'is asked too often: try again in a minute';
  return `failed: ${message
    .slice(0, MAX_TEXT)
    .replaceAll(/\s+/g, ' ')
    .replace(/[. ]+$/, '')
    .slice(0, 200)}`;
}
