/** A failure as Google's APIs tell it: `google.rpc.Status`, of a request or of an operation. */
import { SetupError } from '@bas/core/errors';
import * as z from 'zod';

const Detail = z.looseObject({ reason: z.string().optional().catch(undefined) });
const Status = z.object({
  message: z.string().catch('refused'),
  /** `FAILED_PRECONDITION` and the like. */
  status: z.string().optional().catch(undefined),
  details: z.array(Detail).catch([]),
});
const Failed = z.object({ error: Status });

/** Null when this tells of none. */
export function failureOf(answer: unknown): z.infer<typeof Status> | null {
  return Failed.safeParse(answer).data?.error ?? null;
}

/** One line with the API's own words. */
export function refused(what: string, status: number, answer: unknown): SetupError {
  const { message = 'refused', details = [] } = failureOf(answer) ?? {};
  const reasons = details.flatMap(({ reason }) => reason ?? []);
  const said = [String(status), ...reasons].join(' ');
  const advice = status === 401 ? ' Sign in again: gcloud auth login.' : '';
  return new SetupError(`${what} answered ${said}: ${sentence(message)}${advice}`);
}

/** Ends with one full stop. */
export function sentence(text: string): string {
  return `${text.replace(/\.*$/, '')}.`;
}
