/** Breaks a kind of request at each of its calls in each way, and judges what is answered and stored. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../test/support/client.ts';
import type { Fault, GrpcStatus } from '../test/support/grpc-faults.ts';
import type { Asked, Effect } from './changing.ts';
import type { Kind } from './requests.ts';
import type { Stage } from './scene.ts';

export const STATUSES = [
  'ABORTED',
  'RESOURCE_EXHAUSTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
] as const satisfies readonly GrpcStatus[];
/** Those after which nobody can know whether a commit was made; all others say that it was not. */
const IN_DOUBT: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL']);

const NO_INDEX = 'The query requires an index. You can create it here: https://console.firebase.google.com/';
const SLOW_MS = 200;
/** Longer than anybody waits for a page. */
const SILENT_MS = 12_000;
/** The longest patience with one question to the store, and what a busy machine adds. */
const BOUND_MS = 14_000;
/** A breaker that has opened lets somebody ask again within two; a transaction cut off at its end is held by the emulator for a minute. */
const RETRYING_MS = 75_000;
const PAUSE_MS = 200;
/** Characters of a page that is not as it should be. */
const TOLD = 160;

/** One fault at one call of a request. */
export interface Trial {
  readonly name: string;
  /** How many calls pass before it. */
  readonly position: number;
  readonly fault: Fault;
  /** Once, or at every call from there on. */
  readonly times: number;
  readonly status: string;
}

/** What a request does when nothing is wrong. */
export interface Recording {
  readonly calls: readonly string[];
  readonly shown: string | null;
}

export async function record(stage: Stage, kind: Kind): Promise<Recording> {
  const asked = await kind(await stage.newScene());
  const calls: string[] = [];
  stage.proxy.onCall = (method) => calls.push(method);
  const answer = await asked.ask();
  stage.proxy.onCall = () => undefined;
  if (!isDone(asked, answer)) throw new Error(`Without a fault it answered ${answer.status}: ${answer.text}`);
  return { calls, shown: asked.shown(answer) };
}

/** Every status at every call, once and from there on, before the effect and for commits after it too; and a slow store. */
export function trialsOf(calls: readonly string[]): readonly Trial[] {
  const trials = calls.flatMap((method, position) =>
    STATUSES.flatMap((status) => {
      const where = `${status} at call ${position + 1} of ${calls.length} (${method})`;
      const message = status === 'FAILED_PRECONDITION' && method === 'RunQuery' ? NO_INDEX : 'made up';
      const before = { position, status, fault: { kind: 'status', status, message } } as const;
      const after = { position, status, fault: { kind: 'lost_answer', status } } as const;
      return [
        { ...before, name: where, times: 1 },
        { ...before, name: `${where} and later`, times: Infinity },
        ...(method === 'Commit' && IN_DOUBT.has(status)
          ? [{ ...after, name: `${where} after its effect`, times: 1 }]
          : []),
      ];
    }),
  );
  const all = { position: 0, times: Infinity };
  return [
    ...trials,
    { ...all, status: 'slow', name: 'every call is slow', fault: { kind: 'delay', delay_ms: SLOW_MS } },
    { ...all, status: 'silent', name: 'nothing is answered', fault: { kind: 'delay', delay_ms: SILENT_MS } },
  ];
}

/** What is wrong after a trial; nothing when all is well. */
export async function attempt(
  stage: Stage,
  kind: Kind,
  trial: Trial,
  shown: string | null,
): Promise<readonly string[]> {
  const asked = await kind(await stage.newScene());
  const rule = stage.proxy.rules.add({ fault: trial.fault, skip: trial.position, times: trial.times });
  const started_ms = performance.now();
  const answer = await asked.ask();
  const took_ms = performance.now() - started_ms;
  stage.proxy.rules.clear();
  const wrong = rule.hits === 0 ? ['the fault was never met'] : [];
  if (took_ms > BOUND_MS) wrong.push(`answered after ${Math.round(took_ms)} ms`);
  if (!isDone(asked, answer) && !isRefusal(answer)) wrong.push(`answered ${answer.status} ${answer.text}`);
  if (trial.status === 'slow' && !isDone(asked, answer)) wrong.push(`slowness was answered ${answer.status}`);
  wrong.push(...judge(asked, await asked.effect(), { is_done: isDone(asked, answer), asks: 1 }));
  if (isDone(asked, answer)) wrong.push(...compare(asked, answer, shown));
  else wrong.push(...(await sendAgain(asked, shown)));
  return wrong;
}

/** A page that is answered is the whole page. */
function compare(asked: Asked, answer: Answer, shown: string | null): readonly string[] {
  const found = asked.shown(answer);
  if (found === null || shown === null || found === shown) return [];
  let same = 0;
  while (same < shown.length && found[same] === shown[same]) same += 1;
  const from = Math.max(0, same - TOLD / 2);
  return [`shown …${found.slice(from, from + TOLD)}… instead of …${shown.slice(from, from + TOLD)}…`];
}

/** As a client does that was told to come back. */
async function sendAgain(asked: Asked, shown: string | null): Promise<readonly string[]> {
  const until_ms = performance.now() + RETRYING_MS;
  for (let asks = 2; ; asks += 1) {
    const answer = await asked.ask();
    if (asked.again.includes(answer.status)) {
      const effect = await asked.effect();
      return [...judge(asked, effect, { is_done: true, asks }), ...compare(asked, answer, shown)];
    }
    if (!isRefusal(answer) || performance.now() > until_ms) return [`sent again: ${answer.status} ${answer.text}`];
    await sleep(PAUSE_MS);
  }
}

function isDone({ done }: Asked, { status }: Answer): boolean {
  return done.includes(status);
}

function isRefusal({ status, code, headers }: Answer): boolean {
  const known = code === 'store_unavailable' || code === 'index_not_ready';
  return status === 503 && known && /^[1-9]\d*$/.test(String(headers['retry-after']));
}

interface Known {
  /** It was answered that it is done. */
  readonly is_done: boolean;
  readonly asks: number;
}

function judge({ repeats }: Asked, effect: Effect | null, { is_done, asks }: Known): readonly string[] {
  if (effect === null) return [];
  const { changed, told } = effect;
  const facts = `changed ${changed} times, told ${told ?? 0} times, asked ${asks} times`;
  if (!Number.isInteger(changed) || changed < 0) return [`neither done nor not done: ${facts}`];
  if (is_done && changed === 0) return [`lost: ${facts}`];
  if (changed > (repeats ? asks : 1)) return [`doubled: ${facts}`];
  if (told === null || told === changed) return [];
  const again = repeats && asks > 1;
  return again && told > changed && told <= asks ? [] : [`not told as it was done: ${facts}`];
}
