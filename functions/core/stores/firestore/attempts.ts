/**
 * Takes the decision to try again away from the SDK, which offers no switch for it: it repeats reads up to five times and a
 * commit for ten minutes, past any deadline of ours. Everything asked within `attempt` passes here once for each call that
 * would go out.
 */
import { grpc } from 'google-gax';
import { AsyncLocalStorage } from 'node:async_hooks';
import { systemClock } from '../../clock.ts';

type Transformer = NonNullable<grpc.ClientOptions['callInvocationTransformer']>;

/** Until when, on the wall clock, calls of this attempt may take; later ones do not go out. */
const until = new AsyncLocalStorage<number>();

/** Runs one call of the SDK, which may be several of the wire: each ends by `until_ms`, and what fails is not repeated. */
export function attempt<T>(until_ms: number, call: () => Promise<T>): Promise<T> {
  return until.run(until_ms, call);
}

/**
 * What the SDK would repeat, but for ABORTED: a transaction that was aborted keeps its place only when the SDK repeats it.
 * CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED.
 */
const REPEATED: ReadonlySet<number> = new Set([1, 2, 4, 8, 13, 14, 16]);

/** The SDK repeats by numbers: a code that is text it hands on at once. `codeOf` reads both. */
function asFinal(status: grpc.StatusObject): grpc.StatusObject {
  return REPEATED.has(status.code) ? Object.assign({ ...status }, { code: String(status.code) }) : status;
}

const finalFailures: grpc.Interceptor = (options, nextCall) =>
  new grpc.InterceptingCall(nextCall(options), {
    start: (metadata, _, start) => {
      start(metadata, { onReceiveStatus: (status, pass) => pass(asFinal(status)) });
    },
  });

/** With its deadline in the past a call would still go out. */
const tooLate: grpc.Interceptor = (options, nextCall) =>
  new grpc.InterceptingCall(nextCall(options), {
    start: (metadata, listener) => {
      const { DEADLINE_EXCEEDED } = grpc.status;
      listener.onReceiveStatus(asFinal({ code: DEADLINE_EXCEEDED, details: 'the attempt is over', metadata }));
    },
  });

/** Option of the client; see `attempt`. */
export const ofAttempt: Transformer = (properties) => {
  const until_ms = until.getStore();
  if (until_ms === undefined) return properties;
  const { callOptions } = properties;
  const { deadline = Infinity, interceptors = [] } = callOptions;
  const own_ms = typeof deadline === 'number' ? deadline : deadline.getTime();
  const judge = systemClock.now_ms() < until_ms ? finalFailures : tooLate;
  const bounded = { deadline: Math.min(own_ms, until_ms), interceptors: [...interceptors, judge] };
  return { ...properties, callOptions: { ...callOptions, ...bounded } };
};
