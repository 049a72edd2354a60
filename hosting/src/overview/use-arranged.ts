import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Device } from '../api/answers.ts';
import { now_ms } from '../lib/clock.ts';
import { arrange, stateOf, type Row, type Wish } from './arrange.ts';
import type { KnownValues } from './known-values.ts';
import type { OnScreen } from './on-screen.ts';

const ANEW_MS = 2_000;

export interface Watched {
  readonly devices: readonly Device[];
  readonly known: KnownValues;
  readonly on_screen: OnScreen;
}

/** What is known of each device. One that is off the screen is as it was when it was last asked for: nobody heard since. */
export function rowsOf({ devices, known, on_screen }: Watched, at_ms: number): readonly Row[] {
  const watched = new Set(on_screen.ids.peek());
  return devices.map((device) => {
    const { device_id } = device;
    const newest = known.of(device_id).peek();
    const heard_ms = watched.has(device_id) ? at_ms : known.askedAt_ms(device_id);
    return { device, state: stateOf(device, newest, heard_ms), timestamp_ms: newest?.timestamp_ms ?? null };
  });
}

/**
 * The devices in the order that is wished for: at once when the wish or the list changes, and now and then as values
 * come, but never under a pointer or while the keyboard is in the list.
 */
export function useArranged(list: RefObject<HTMLElement | null>, watched: Watched, wish: Wish): readonly Device[] {
  const { devices, known } = watched;
  const [turn, setTurn] = useState(0);
  const is_moving = wish.sort !== 'name' || wish.show !== 'all';
  useEffect(() => {
    if (!is_moving) return undefined;
    const timer = setInterval(() => {
      if (!isInUse(list.current)) setTurn((before) => before + 1);
    }, ANEW_MS);
    return () => clearInterval(timer);
  }, [is_moving, list]);
  const arranged = useMemo(
    () => arrange(rowsOf(watched, now_ms()), wish).map(({ device }) => device),
    [devices, known, wish, turn],
  );
  // The same order is the same list, and nothing is drawn.
  const shown = useRef(arranged);
  if (!isSame(shown.current, arranged)) shown.current = arranged;
  return shown.current;
}

function isInUse(list: HTMLElement | null): boolean {
  return list?.matches(':hover, :focus-within') ?? false;
}

function isSame(before: readonly Device[], after: readonly Device[]): boolean {
  return before.length === after.length && before.every((device, at) => device === after[at]);
}
