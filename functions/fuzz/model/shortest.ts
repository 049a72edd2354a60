/**
 * Cuts a failing list down by leaving out ever smaller stretches, as long as it goes on failing and there is time. Most of
 * what was made up has nothing to do with a failure, so this takes a few dozen tries.
 */
export async function shortest<T>(
  list: readonly T[],
  fails: (list: readonly T[]) => Promise<boolean>,
  limit_ms: number,
): Promise<readonly T[]> {
  const until_ms = performance.now() + limit_ms;
  let kept = list;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let at = kept.length - size; at > -size && performance.now() < until_ms; at -= size) {
      const without = [...kept.slice(0, Math.max(at, 0)), ...kept.slice(at + size)];
      if (await fails(without)) kept = without;
    }
  }
  return kept;
}
