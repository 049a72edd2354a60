/** What can go wrong between a client and Firestore, and when. */

/** The gRPC status codes that Firestore's clients meet. */
export const GRPC_STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcStatus = keyof typeof GRPC_STATUS;

export type Fault =
  /** Answered without asking the emulator. */
  | { readonly kind: 'status'; readonly status: GrpcStatus; readonly message: string }
  | { readonly kind: 'delay'; readonly delay_ms: number }
  /** The client's connection breaks, and with it all its calls; the emulator is not asked. */
  | { readonly kind: 'cut' }
  /** The emulator does its work, and the client is told that nobody answered, or something else that is not so. */
  | { readonly kind: 'lost_answer'; readonly status?: GrpcStatus }
  /** Every `from` in the answer reads `to`, which must be as many bytes. */
  | { readonly kind: 'forged'; readonly from: string; readonly to: string };

/** When a fault happens. Left out means: always. */
export interface Rule {
  readonly fault: Fault;
  /** The gRPC method's own name, such as `RunQuery`. */
  readonly method?: string;
  /** A text that the request's first message holds: a collection, a field, a tenant. */
  readonly containing?: string;
  /** So many calls that it fits pass before its first hit. */
  readonly skip?: number;
  /** After so many hits the rule is over. */
  readonly times?: number;
  /** Between 0 and 1. */
  readonly probability?: number;
}

export interface ActiveRule {
  /** How often it has happened. */
  readonly hits: number;
  remove(): void;
}

interface Entry {
  readonly rule: Rule;
  hits: number;
  skipped: number;
}

/** The faults in force. Of several that fit a call the oldest happens. */
export class FaultRules {
  #entries: Entry[] = [];
  readonly #random: () => number;

  /** Equal seeds give equal runs, as far as the calls come in the same order. */
  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  add(rule: Rule): ActiveRule {
    const { fault } = rule;
    if (fault.kind === 'forged' && Buffer.byteLength(fault.from) !== Buffer.byteLength(fault.to)) {
      throw new TypeError('a forged text must be as long as the true one');
    }
    const entry: Entry = { rule, hits: 0, skipped: 0 };
    this.#entries.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    };
  }

  clear(): void {
    this.#entries = [];
  }

  /** What happens to this call. */
  next(method: string, message: Buffer): Fault | undefined {
    const entry = this.#entries.find((one) => {
      const { rule, hits } = one;
      if (rule.method !== undefined && rule.method !== method) return false;
      if (rule.containing !== undefined && !message.includes(rule.containing)) return false;
      if (hits >= (rule.times ?? Infinity)) return false;
      if (one.skipped < (rule.skip ?? 0)) {
        one.skipped += 1;
        return false;
      }
      return rule.probability === undefined || this.#random() < rule.probability;
    });
    if (entry === undefined) return undefined;
    entry.hits += 1;
    return entry.rule.fault;
  }
}

/** Mulberry32: 32 bits of state are plenty for a test. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
