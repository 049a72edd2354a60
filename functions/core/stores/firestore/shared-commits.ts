import type { Change, Documents } from './documents.ts';

/** Few enough that the largest buckets stay well below the 10 MiB of one request. */
const MOST_IN_A_COMMIT = 4;

interface Waiting {
  readonly change: Extract<Change, { kind: 'create' }>;
  readonly settle: PromiseWithResolvers<boolean>;
}

/** Creates asked for in one turn of the event loop share a commit: a bulk import waits for fewer answers. */
export class SharedCommits {
  readonly #documents: Documents;
  #waiting: Waiting[] = [];

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** False when the document is there already. Creates that share its commit are none the worse for it. */
  create(change: Waiting['change']): Promise<boolean> {
    const settle = Promise.withResolvers<boolean>();
    this.#waiting.push({ change, settle });
    if (this.#waiting.length === MOST_IN_A_COMMIT) this.#commit();
    else if (this.#waiting.length === 1) setImmediate(() => this.#commit());
    return settle.promise;
  }

  #commit(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#commitGroup(group).catch((error: unknown) => {
      for (const { settle } of group) settle.reject(error);
    });
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    const stored = await this.#documents.commit(group.map(({ change }) => change));
    const [first] = group;
    if (stored !== null) for (const { settle } of group) settle.resolve(true);
    else if (group.length === 1) first?.settle.resolve(false);
    else await Promise.all(group.map((one) => this.#commitGroup([one])));
  }
}
