import type { Door } from '../http/route.ts';

/** Functions by name, each loaded by its own `import()`. */
export type DoorLoaders = Readonly<Record<string, () => Promise<{ readonly default: Door }>>>;

interface Pattern {
  readonly parts: readonly string[];
  readonly door: Door;
}

/** Which function answers a path, as Hosting's rewrites decide it in the cloud. */
export class RouteTable {
  readonly #fixed = new Map<string, Door>();
  readonly #patterns: Pattern[] = [];

  constructor(doors: readonly Door[]) {
    for (const door of doors) for (const { path } of door.routes) this.#add(path, door);
  }

  find(path: string): Door | undefined {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined || this.#patterns.length === 0) return fixed;
    const segments = path.split('/');
    return this.#patterns.find(({ parts }) => fits(parts, segments))?.door;
  }

  #add(path: string, door: Door): void {
    if (path.includes('{')) this.#patterns.push({ parts: path.split('/'), door });
    else this.#fixed.set(path, door);
  }
}

/** Loads every function at start, so that no request pays for it. */
export async function loadDoors(loaders: DoorLoaders): Promise<readonly Door[]> {
  return Promise.all(Object.values(loaders).map(async (load) => (await load()).default));
}

function fits(parts: readonly string[], segments: readonly string[]): boolean {
  return parts.length === segments.length && parts.every((part, at) => part.startsWith('{') || part === segments[at]);
}
