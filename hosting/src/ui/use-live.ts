import { useEffect, useRef } from 'preact/hooks';
import { Live } from '../api/live.ts';

/**
 * Keeps asking while the part that uses it is shown; asks anew, and at once, when one of `inputs` changes, or when the
 * function that is given back is called.
 */
export function useLive(
  ask: (signal: AbortSignal) => Promise<{ readonly fresh_for_ms: number }>,
  inputs: readonly unknown[],
): () => void {
  const latest = useRef(ask);
  const running = useRef<Live>(null);
  latest.current = ask;
  useEffect(() => {
    const live = new Live((signal) => latest.current(signal));
    running.current = live;
    return () => live.stop();
  }, inputs);
  return () => running.current?.now();
}
