import { computed, type ReadonlySignal } from '@preact/signals';

/** A value that is made anew but says the same stays the one that it was, and nothing that follows from it moves. */
export function keepingEqual<T>(make: () => T): ReadonlySignal<T> {
  let kept: { readonly value: T; readonly text: string } | undefined;
  return computed(() => {
    const value = make();
    const text = JSON.stringify(value);
    if (kept?.text !== text) kept = { value, text };
    return kept.value;
  });
}

/** A value that is made from what it was before. */
export function remembering<T>(first: T, make: (before: T) => T): ReadonlySignal<T> {
  let before = first;
  return keepingEqual(() => (before = make(before)));
}
