import { useEffect, useRef, useState } from 'preact/hooks';

export interface Draft {
  readonly text: string;
  readonly type: (text: string) => void;
  /** Tells at once, as when the field is left. */
  readonly settle: () => void;
}

/** What is being typed over `value`; `tell` hears of it once typing has paused, not of every key. */
export function useDraft(value: string, tell: (text: string) => void, pause_ms: number): Draft {
  const [draft, setDraft] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Whatever is typed elsewhere then is another place's.
  useEffect(() => () => clearTimeout(timer.current), []);
  const told = (text: string): void => {
    clearTimeout(timer.current);
    setDraft(null);
    if (text !== value) tell(text);
  };
  const type = (text: string): void => {
    clearTimeout(timer.current);
    setDraft(text);
    timer.current = setTimeout(() => told(text), pause_ms);
  };
  return { text: draft ?? value, type, settle: () => (draft === null ? undefined : told(draft)) };
}
