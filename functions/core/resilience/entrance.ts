import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';

/** After requests of two groups came in turn, they are kept from each other's way for so long. */
const SHARED_FOR_MS = MINUTE_MS;
/** Of one group, while there are others. */
const PER_ROUND = 8;
/** Of one group. Whoever has most in line gives way to who has less. */
const MAX_WAITING = 1_000;
const LONGEST_WAIT_MS = 10 * SECOND_MS;
/** A refusal at once would only be asked again at once. */
const REFUSED_AFTER_MS = SECOND_MS;
const MAX_KNOWN = 10_000;

/** Whom a request says it is for, and where it comes from: nothing of it has been looked into. */
export interface Arrival {
  readonly tenant: string | undefined;
  readonly network: string;
}

interface Waiter {
  readonly since_ms: number;
  readonly tell: (refusal: Problem | null) => void;
}

/** Those who wait, of one tenant; or of all who are not known to belong to one. */
class Group {
  /** In this round. */
  begun = 1;
  waiting = 0;
  readonly #by_network = new Map<string, Waiter[]>();
  readonly #turned_away: Waiter[] = [];

  /** Where there is no more room, the last of the longest line is turned away: whoever fills it stands there. */
  add(network: string, waiter: Waiter): void {
    const line = this.#by_network.get(network) ?? [];
    line.push(waiter);
    this.#by_network.set(network, line);
    this.waiting += 1;
    if (this.waiting > MAX_WAITING) this.#turnAway();
  }

  /** Networks in turn: nobody who only claims to be of a tenant stands in the way of its own people for long. */
  take(): Waiter | undefined {
    for (const [network, waiters] of this.#by_network) {
      const waiter = waiters.shift();
      this.#by_network.delete(network);
      if (waiters.length > 0) this.#by_network.set(network, waiters);
      if (waiter !== undefined) this.waiting -= 1;
      return waiter;
    }
    return undefined;
  }

  /** Tells some of those who were turned away; true while there are more of them. */
  refuse(now_ms: number): boolean {
    for (let told = 0; told < PER_ROUND; told += 1) {
      const [next] = this.#turned_away;
      if (next === undefined || now_ms - next.since_ms < REFUSED_AFTER_MS) break;
      this.#turned_away.shift();
      next.tell(overloaded());
    }
    return this.#turned_away.length > 0;
  }

  #turnAway(): void {
    const longest = [...this.#by_network.values()].reduce((a, b) => (b.length > a.length ? b : a));
    const last = longest.pop();
    if (last !== undefined) this.#turned_away.push(last);
    this.waiting -= 1;
  }
}

/**
 * Where requests come in, on the one event loop. As long as all are of one tenant they begin as they come. With several, a
 * few of each begin in a round of the loop: who floods waits for its own requests, and the others hardly notice.
 */
export class Entrance {
  /** Those of whom somebody has begun in this round, or waits. */
  readonly #groups = new Map<string, Group>();
  /** Tenants that somebody has proven to belong to, the one heard of last at the end. */
  readonly #known = new Set<string>();
  readonly #now_ms: () => number;
  #last_key: string | undefined;
  #shared_until_ms = 0;
  #scheduled = false;

  /** `now_ms` never goes back. */
  constructor(now_ms = () => performance.now()) {
    this.#now_ms = now_ms;
  }

  /** Null when the request may begin at once; else resolves when it may, or with why it may not. */
  enter({ tenant, network }: Arrival): Promise<Problem | null> | null {
    const now_ms = this.#now_ms();
    const key = tenant !== undefined && this.#known.has(tenant) ? `tenant ${tenant}` : 'strangers';
    if (key !== (this.#last_key ?? key)) this.#shared_until_ms = now_ms + SHARED_FOR_MS;
    this.#last_key = key;
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, new Group());
      this.#schedule();
      return null;
    }
    if (group.waiting === 0 && (now_ms >= this.#shared_until_ms || group.begun < PER_ROUND)) {
      group.begun += 1;
      return null;
    }
    return new Promise((tell) => group.add(network, { since_ms: now_ms, tell }));
  }

  /** A request has been shown to be this tenant's. */
  know(tenant: string): void {
    this.#known.delete(tenant);
    this.#known.add(tenant);
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }

  /** The next round comes after whatever the loop has to do now. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#nextRound());
  }

  #nextRound(): void {
    this.#scheduled = false;
    const now_ms = this.#now_ms();
    for (const [key, group] of this.#groups) {
      const more = group.refuse(now_ms);
      if (beginSome(group, now_ms) === 0 && !more) this.#groups.delete(key);
    }
    if (this.#groups.size > 0) this.#schedule();
  }
}

/** How many have begun. */
function beginSome(group: Group, now_ms: number): number {
  group.begun = 0;
  while (group.begun < PER_ROUND) {
    const waiter = group.take();
    if (waiter === undefined) break;
    const late = now_ms - waiter.since_ms > LONGEST_WAIT_MS;
    waiter.tell(late ? overloaded() : null);
    if (!late) group.begun += 1;
  }
  return group.begun;
}

function overloaded(): Problem {
  return new Problem('overloaded', 'Too many requests wait already; send fewer at a time.', { retry_after_s: 2 });
}
