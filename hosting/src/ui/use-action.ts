/** Something that a person asked for and waits for. */
import { useState } from 'preact/hooks';
import { now_ms } from '../lib/clock.ts';

export interface Action {
  readonly busy: boolean;
  /** Since when it is under way. */
  readonly since_ms: number;
  readonly failure: unknown;
  /** Does it unless it is being done already. */
  run(work: () => Promise<void>): void;
}

export function useAction(): Action {
  const [state, setState] = useState({ busy: false, since_ms: 0, failure: null as unknown });
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (state.busy) return;
    setState({ busy: true, since_ms: now_ms(), failure: null });
    try {
      await work();
      setState({ busy: false, since_ms: 0, failure: null });
    } catch (failure) {
      setState({ busy: false, since_ms: 0, failure });
    }
  };
  return { ...state, run: (work) => void run(work) };
}
