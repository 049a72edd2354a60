import { countTry, findBlock, forgiveTry } from '../../model/throttle.ts';
import type { ThrottleClaim, ThrottleCounter, ThrottleReservation, ThrottleState } from '../../model/throttle.ts';
import type { ThrottleStore } from '../contracts.ts';
import { throttleCounters } from './converters.ts';
import type { Change, StoredDocument } from './documents.ts';
import { paths } from './paths.ts';
import { LOST, untilWon } from './patience.ts';
import type { Request } from './request.ts';

interface Counter extends ThrottleCounter {
  readonly document: StoredDocument | null;
}

/** Counters that must hold together are read together and committed only if none of them has changed. */
export class FirestoreThrottle implements ThrottleStore {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  reserve(claims: readonly ThrottleClaim[], now_ms: number): Promise<ThrottleReservation> {
    return this.#inTurn(claims, async (): Promise<ThrottleReservation | typeof LOST> => {
      const counters = await this.#read(claims);
      const outcome = findBlock(counters, now_ms);
      if (outcome.kind === 'blocked') return outcome;
      const changes = counters.map((counter) => put(counter, countTry(counter.state, counter.claim.policy, now_ms)));
      return (await this.#request.documents.commit(changes)) === null ? LOST : outcome;
    });
  }

  forgive(cleared: readonly ThrottleClaim[], refunded: readonly ThrottleClaim[]): Promise<void> {
    return this.#inTurn([...cleared, ...refunded], async () => {
      const changes: Change[] = cleared.map(({ key }) => ({ kind: 'delete', path: paths.throttle(key) }));
      for (const counter of await this.#read(refunded)) {
        if (counter.state !== null) changes.push(put(counter, forgiveTry(counter.state)));
      }
      if (changes.length > 0 && (await this.#request.documents.commit(changes)) === null) return LOST;
      return;
    });
  }

  async #read(claims: readonly ThrottleClaim[]): Promise<readonly Counter[]> {
    const documents = await this.#request.documents.getAll(claims.map(({ key }) => paths.throttle(key)));
    return claims.map((claim, at) => {
      const document = documents[at] ?? null;
      return { claim, document, state: document === null ? null : throttleCounters.read(document.fields) };
    });
  }

  /** Within this process one after the other for each counter, in an order that cannot deadlock. */
  #inTurn<T>(claims: readonly ThrottleClaim[], attempt: () => Promise<T | typeof LOST>): Promise<T> {
    const ids = [...new Set(claims.map(({ key }) => paths.throttle(key).id))].sort();
    const run = (at: number): Promise<T> => {
      const id = ids[at];
      return id === undefined ? untilWon(attempt) : this.#request.shared.queue.run(`throttle ${id}`, () => run(at + 1));
    };
    return run(0);
  }
}

function put({ claim, document }: Counter, state: ThrottleState): Change {
  const path = paths.throttle(claim.key);
  const fields = throttleCounters.write(state, claim.policy);
  if (document === null) return { kind: 'create', path, fields };
  return {
    kind: 'update',
    path,
    fields: Object.entries(fields).map(([field, value]) => [[field], value]),
    at: document.updated,
  };
}
