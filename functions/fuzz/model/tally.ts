/** What a campaign has really tried: without it, nobody could tell a good suite from an idle fuzzer. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, by = 1): void {
    this.#counts.set(what, this.count(what) + by);
  }

  count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** The counts whose names begin with `prefix`, without it, the most frequent first. */
  under(prefix: string): readonly (readonly [string, number])[] {
    return [...this.#counts]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, count]): readonly [string, number] => [name.slice(prefix.length), count])
      .sort(([, a], [, b]) => b - a);
  }
}
