import * as z from 'zod';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { SetupError } from '../errors.ts';
import { ReceiptAnswer } from '../http/answers.ts';
import type { Metrics } from '../model/point.ts';
import type { RejectionCode } from '../model/write-plan.ts';

export interface DeviceTarget {
  readonly base_url: string;
  readonly tenant_header: string;
  readonly tenant_id: string;
  readonly device_id: string;
  readonly key: string;
}

const Receipt = ReceiptAnswer();
export type PostedPoint = { readonly timestamp_ms: number; readonly metrics: Metrics };
export type Posted = z.infer<typeof Receipt>;

/** Waits, or rejects as soon as the user stops the replay. */
export type Sleep = (ms: number, why: string) => Promise<void>;

const ANSWER_WITHIN_MS = 35 * SECOND_MS;
const MAX_WAITS = 30;
const MAX_FAILURES = 8;

const ProblemBody = z.object({ code: z.string(), detail: z.string().default('') });
const NothingAccepted = z.object({ rejected: Receipt.shape.rejected });

/**
 * Posts as a well-behaved device: waits as long as a 429 or 503 says, and sends the same points again when it cannot
 * know whether they arrived, which is safe because they are then duplicates.
 */
export class DevicePoster {
  readonly #target: DeviceTarget;
  readonly #sleep: Sleep;
  #reached = false;
  requests = 0;

  constructor(target: DeviceTarget, sleep: Sleep) {
    this.#target = target;
    this.#sleep = sleep;
  }

  async post(points: readonly PostedPoint[]): Promise<Posted> {
    const body = JSON.stringify({ device_id: this.#target.device_id, points });
    let waits = 0;
    for (let failures = 0; ;) {
      const answer = await this.#send(body);
      if (answer === null) failures += 1;
      else if (answer.status === 200) return Receipt.parse(answer.body);
      else if (answer.status === 422) return { accepted: 0, duplicates: 0, ...NothingAccepted.parse(answer.body) };
      else if (answer.status === 429) waits += 1;
      else if (answer.status >= 500) failures += 1;
      else throw refused(answer.status, answer.body);
      if (failures > MAX_FAILURES || waits > MAX_WAITS) throw gaveUp(this.#target, answer?.status);
      await this.#pause(answer, failures);
    }
  }

  async #send(body: string): Promise<Answer | null> {
    const { base_url, tenant_header, tenant_id, key } = this.#target;
    this.requests += 1;
    try {
      const response = await fetch(new URL('/v1/telemetry', base_url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, [tenant_header]: tenant_id },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      this.#reached = true;
      const text = await response.text();
      return { status: response.status, retry_after: response.headers.get('retry-after'), body: parsed(text) };
    } catch (error) {
      if (this.#reached) return null;
      throw new SetupError(notReached(base_url, error), { cause: error });
    }
  }

  #pause(answer: Answer | null, failures: number): Promise<void> {
    const said_s = Number(answer?.retry_after ?? Number.NaN);
    const backoff_ms = Math.min(SECOND_MS * 2 ** failures, 30 * SECOND_MS);
    const wait_ms = said_s > 0 ? Math.min(said_s * SECOND_MS, 10 * MINUTE_MS) : backoff_ms;
    const why = answer?.status === 429 ? "for the device's write budget" : 'for the service to come back';
    return this.#sleep(wait_ms, why);
  }
}

interface Answer {
  readonly status: number;
  readonly retry_after: string | null;
  readonly body: unknown;
}

/** Refused only because one request may not touch so many buckets: the next one takes it. */
export function isForLater({ code }: Posted['rejected'][number]): boolean {
  return code === ('too_many_buckets' satisfies RejectionCode);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refused(status: number, body: unknown): SetupError {
  const problem = ProblemBody.safeParse(body);
  const hint = status === 401 ? ' Check BAS_DEVICE_KEY.' : status === 403 ? ' Check --device and --tenant.' : '';
  if (!problem.success) return new SetupError(`The service refused the points with status ${status}: check --url.`);
  return new SetupError(`The service refused the points (${problem.data.code}): ${problem.data.detail}${hint}`);
}

function gaveUp({ base_url }: DeviceTarget, status: number | undefined): SetupError {
  const last = status === undefined ? 'no answer' : `status ${status}`;
  return new SetupError(`${base_url} did not take the points after many tries (last: ${last}): try again later.`);
}

/** Nothing was heard from the service yet: it is away, or the address is not quite right. */
function notReached(base_url: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : '';
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH/.test(code)) return `${base_url} speaks no TLS: use http:// in --url.`;
  if (/CERT|SIGNED|ISSUER/.test(code))
    return `${base_url} has a certificate that is not trusted here (${code}): name its authority in NODE_EXTRA_CA_CERTS.`;
  if (code === 'UND_ERR_SOCKET' && base_url.startsWith('http:'))
    return `${base_url} hung up without an answer: if it speaks TLS, use https:// in --url.`;
  const why = cause === undefined || cause.message === '' ? '' : ` (${cause.message})`;
  return `Nothing answers at ${base_url}${why}: start it with npm run serve, or check --url.`;
}
