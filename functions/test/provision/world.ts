/** One API's things in memory, by resource name: enough of lists, reads, creations, changes and policies for any of them. */
import * as z from 'zod';

export type Thing = Readonly<Record<string, unknown>>;

export interface Call {
  readonly method: string;
  /** Without the API's version: `projects/p/secrets/s`, perhaps with `:getIamPolicy` behind. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Thing;
}

export class Refusal extends Error {
  readonly status: number;
  /** Other fields of the error, such as a `status` that is not the usual one. */
  readonly more: Thing;

  constructor(status: number, message: string, more: Thing = {}) {
    super(message);
    this.status = status;
    this.more = more;
  }
}

export const record = (value: unknown): Thing => z.record(z.string(), z.unknown()).catch({}).parse(value);

/** Where a creation says what the new thing is called; a serial number where it does not. */
const IDS = ['secretId', 'databaseId', 'serviceId', 'serviceLevelObjectiveId'];

export class World {
  readonly things = new Map<string, Thing>();
  #serial = 0;

  nextId(): string {
    return String((this.#serial += 1));
  }

  get(name: string): Thing {
    const thing = this.things.get(name);
    if (thing === undefined) throw new Refusal(404, `${name} not found`);
    return { ...thing, name };
  }

  create(name: string, thing: Thing): Thing {
    if (this.things.has(name)) throw new Refusal(409, `${name} already exists`);
    this.things.set(name, thing);
    return this.get(name);
  }

  /** What lies right below a collection. */
  list(collection: string): Thing[] {
    const below = [...this.things.keys()].filter((name) => name.startsWith(`${collection}/`));
    return below.filter((name) => !/[/#]/.test(name.slice(collection.length + 1))).map((name) => this.get(name));
  }

  update(name: string, { query, body }: Call): Thing {
    const mask = query.get('updateMask')?.split(',') ?? Object.keys(body);
    const fields = mask.map((field) => field.split('.')[0] ?? field);
    this.things.set(name, { ...this.get(name), ...Object.fromEntries(fields.map((field) => [field, body[field]])) });
    return this.get(name);
  }

  policy(name: string): Thing {
    return this.things.get(`${name}#policy`) ?? { version: 1, etag: 'BwA=' };
  }

  setPolicy(name: string, next: Thing): Thing {
    if (next['etag'] !== this.policy(name)['etag']) throw new Refusal(409, 'the policy has changed meanwhile');
    this.things.set(`${name}#policy`, { ...next, etag: Buffer.from(`etag ${this.nextId()}`).toString('base64') });
    return this.policy(name);
  }

  /** The plain behaviour of resources, whatever they are. */
  answer({ method, path, query, body }: Call): Thing {
    const [name = '', verb] = path.split(':');
    if (verb === 'getIamPolicy') return this.policy(this.#known(name));
    if (verb === 'setIamPolicy') return this.setPolicy(this.#known(name), record(body['policy']));
    const isCollection = name.split('/').length % 2 === 1;
    if (method === 'GET') return isCollection ? { [name.split('/').at(-1) ?? '']: this.list(name) } : this.get(name);
    if (method !== 'POST') return this.update(name, { method, path, query, body });
    const id = IDS.map((key) => query.get(key)).find((value) => value !== null) ?? this.nextId();
    return this.create(`${name}/${id}`, body);
  }

  /** A project always exists; what is in it may not. */
  #known(name: string): string {
    return name.split('/').length === 2 ? name : String(this.get(name)['name']);
  }
}
