/** Sends the requests of a run to one server, one after another, and judges what is said and what is stored. */
import { RawClient, type Heard } from './connection.ts';
import { operationsOf } from './description.ts';
import { judge, type Verdict } from './judge.ts';
import { makeRequest, type Ground } from './make.ts';
import { shellLine, wire, type FuzzRequest } from './request.ts';
import { smallest } from './shrink.ts';
import type { Target } from './targets.ts';

const PATIENCE_MS = 10_000;
/** A store that is dumped whole is dumped after so many. */
const ROUND = 100;
/** Each is made small and told whole; beyond that they are counted. */
const MOST_TOLD = 20;

export interface Fault {
  readonly place: number;
  readonly route: string;
  readonly kind: string;
  readonly fault: string;
  /** For the shell, made as small as it gets. */
  readonly again: string;
}

export class Attack {
  readonly target: Target;
  readonly faults: Fault[] = [];
  /** What became of the request at each place. */
  readonly outcomes = new Map<number, string>();
  readonly byRoute = new Map<string, number>();
  readonly byKind = new Map<string, number>();
  readonly byOutcome = new Map<string, number>();
  readonly #seed: number;
  readonly #client: RawClient;
  readonly ground: Ground;
  readonly #prototype = pollution();
  #digest: string;

  private constructor(target: Target, seed: number, ground: Ground, digest: string) {
    this.target = target;
    this.#seed = seed;
    this.ground = ground;
    this.#digest = digest;
    this.#client = new RawClient(target.port);
  }

  static async begin(target: Target, seed: number): Promise<Attack> {
    const host = `127.0.0.1:${String(target.port)}`;
    const published = await fetch(`http://${host}/v1/openapi.json`);
    const operations = operationsOf(await published.json());
    const credentials = target.actors.headersOf('device');
    const ground = { operations, known: target.actors.known, frame: { host, credentials } };
    return new Attack(target, seed, ground, await target.stored.digest());
  }

  get count(): number {
    return this.outcomes.size;
  }

  /** The requests of these places; ends early when asked to. */
  async run(from: number, to: number, signal: AbortSignal): Promise<void> {
    for (let start = from; start < to && !signal.aborted; start += ROUND) {
      const places = Array.from({ length: Math.min(ROUND, to - start) }, (_none, at) => start + at);
      const made = places.map((place) => ({ place, request: makeRequest(this.#seed, place, this.ground) }));
      await (this.target.name === 'firestore' ? this.#round(made) : this.#each(made));
    }
    this.#client.close();
  }

  /** The store is asked after each: nothing that was refused, or only asked, may have changed it. */
  async #each(made: readonly Placed[]): Promise<void> {
    for (const one of made) {
      const { fault, outcome } = await this.#send(one);
      const changed = await this.#hasChanged();
      const mayChange = outcome === 'done' && one.request.method !== 'GET';
      const found = fault ?? (changed && !mayChange ? STORED : null) ?? this.#polluted();
      if (found !== null) await this.#tell(one, found);
    }
  }

  /** Looking costs a dump of the whole store: those that must be refused come first, and are looked at together. */
  async #round(made: readonly Placed[]): Promise<void> {
    const [refused, others] = [true, false].map((must) =>
      made.filter(({ request }) => (request.must !== undefined) === must),
    );
    for (const one of refused ?? []) {
      const { fault } = await this.#send(one);
      if (fault !== null) await this.#tell(one, fault);
    }
    if (await this.#hasChanged()) await this.#tellCulprits(refused ?? []);
    for (const one of others ?? []) {
      const { fault } = await this.#send(one);
      if (fault !== null) await this.#tell(one, fault);
    }
    await this.#hasChanged();
  }

  async #tellCulprits(suspects: readonly Placed[]): Promise<void> {
    let told = 0;
    for (const one of suspects) {
      await this.#answered(one.request);
      if (!(await this.#hasChanged())) continue;
      told += 1;
      await this.#tell(one, STORED);
    }
    const [first] = suspects;
    if (told === 0 && first !== undefined) await this.#tell(first, `${STORED}, among a hundred from here`);
  }

  async #send({ place, request }: Placed): Promise<Verdict> {
    const verdict = await this.#answered(request);
    this.outcomes.set(place, verdict.outcome);
    countUp(this.byRoute, request.route);
    countUp(this.byKind, request.kind);
    countUp(this.byOutcome, verdict.outcome);
    return verdict;
  }

  /** Asks again with a new session when a request before has ended the last one. */
  async #answered(request: FuzzRequest): Promise<Verdict> {
    const verdict = judge(request, await this.#sent(request));
    if (verdict.outcome === 'read_budget' || verdict.outcome === 'device_write_budget') this.target.nextMinute();
    const person = request.actor !== 'device' && request.actor !== 'nobody' && !request.without?.includes('cookie');
    if (verdict.outcome !== 'unauthenticated' || !person || request.raw !== undefined) return verdict;
    await this.target.actors.renew();
    await this.#hasChanged();
    return judge(request, await this.#sent(request));
  }

  async #sent(request: FuzzRequest): Promise<Heard> {
    return this.#client.send(this.#wire(request), {
      head: request.method === 'HEAD',
      alone: request.raw !== undefined,
      ends: request.ends === true,
      patience_ms: PATIENCE_MS,
    });
  }

  #wire(request: FuzzRequest): Buffer {
    return wire(request, this.target.actors.headersOf(request.actor), this.ground.frame.host);
  }

  async #hasChanged(): Promise<boolean> {
    const before = this.#digest;
    this.#digest = await this.target.stored.digest();
    return before !== this.#digest;
  }

  #polluted(): string | null {
    return pollution() === this.#prototype ? null : 'a prototype was changed';
  }

  async #tell({ place, request }: Placed, fault: string): Promise<void> {
    const { route, kind } = request;
    const known = this.faults.some((other) => other.fault === fault && other.kind === kind && other.route === route);
    const again = known || this.faults.length >= MOST_TOLD ? '' : await this.#smallest(request, fault);
    this.faults.push({ place, route, kind, fault, again });
  }

  async #smallest(request: FuzzRequest, fault: string): Promise<string> {
    const shows = async (smaller: FuzzRequest): Promise<boolean> => {
      await this.#hasChanged();
      const verdict = await this.#answered(smaller);
      const changed = await this.#hasChanged();
      return verdict.fault === fault || (fault === STORED && changed && verdict.outcome !== 'done');
    };
    return shellLine(this.#wire(await smallest(request, shows)), this.target.port);
  }
}

interface Placed {
  readonly place: number;
  readonly request: FuzzRequest;
}

const STORED = 'refused, and yet the store has changed';

function countUp(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** What every object of this process inherits. */
function pollution(): string {
  return [Object.prototype, Array.prototype, Function.prototype].map((one) => Reflect.ownKeys(one).length).join();
}
