/** Which rows are on screen, told when that has settled. */
import { signal } from '@preact/signals';

const SETTLED_MS = 300;

export class OnScreen {
  /** Device ids, sorted. */
  readonly ids = signal<readonly string[]>([]);
  readonly #visible = new Set<string>();
  readonly #names = new Map<Element, string>();
  readonly #observer: IntersectionObserver;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#note(target, isIntersecting);
      this.#settleSoon();
    });
  }

  /** Follows a row until the function that is given back is called. */
  watch(row: Element, device_id: string): () => void {
    this.#names.set(row, device_id);
    this.#observer.observe(row);
    return () => {
      this.#observer.unobserve(row);
      this.#note(row, false);
      this.#names.delete(row);
      this.#settleSoon();
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
  }

  #note(row: Element, is_visible: boolean): void {
    const device_id = this.#names.get(row);
    if (device_id === undefined) return;
    if (is_visible) this.#visible.add(device_id);
    else this.#visible.delete(device_id);
  }

  /** The first rows are not waited for: nothing moves yet. */
  #settleSoon(): void {
    clearTimeout(this.#timer);
    if (this.ids.value.length === 0) this.#settle();
    else this.#timer = setTimeout(() => this.#settle(), SETTLED_MS);
  }

  #settle(): void {
    const ids = [...this.#visible].sort();
    if (ids.join() !== this.ids.value.join()) this.ids.value = ids;
  }
}
