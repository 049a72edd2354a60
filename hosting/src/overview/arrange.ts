/** Which rows are shown, and in which order. */
import { staleness, type Status } from '@bas/core/model/staleness';
import type { Device } from '../api/answers.ts';
import type { Place } from '../router.ts';

/** What a row says of its device: `unseen` until it was asked for. */
export type State = Status | 'disabled' | 'unseen';

/** The worst first; whoever is disabled is meant to be silent. */
export const STATES: readonly State[] = ['silent', 'late', 'ok', 'disabled', 'unseen'];

export const SORTS = ['name', 'status', 'age'] as const;
export type Sort = (typeof SORTS)[number];

export interface Row {
  readonly device: Device;
  readonly state: State;
  /** Of the newest point. */
  readonly timestamp_ms: number | null;
}

/** What the person wants to see of the overview. */
export interface Wish {
  readonly search: string;
  readonly show: State | 'all';
  readonly sort: Sort;
  readonly reversed: boolean;
}

/** What the address says: coming back finds it again. */
export function wishOf({ options }: Pick<Place, 'options'>): Wish {
  return {
    search: options['search'] ?? '',
    show: STATES.find((state) => state === options['show']) ?? 'all',
    sort: SORTS.find((sort) => sort === options['sort']) ?? 'name',
    reversed: options['reversed'] === 'yes',
  };
}

/** `newest` is null for a device that was not asked for yet. */
export function stateOf(device: Device, newest: { readonly timestamp_ms: number | null } | null, at_ms: number): State {
  if (device.disabled) return 'disabled';
  if (newest === null) return 'unseen';
  const age_ms = newest.timestamp_ms === null ? null : at_ms - newest.timestamp_ms;
  return staleness(age_ms, device.expected_interval_ms);
}

/** Whether every word is somewhere in the device's name, id or tags; a tag is `floor=1`. */
export function fits({ device_id, name, tags }: Device, search: string): boolean {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const text = [name, device_id, ...pairs].join('\n').toLowerCase();
  return wordsOf(search).every((word) => text.includes(word));
}

export function arrange(rows: readonly Row[], { search, show, sort, reversed }: Wish): readonly Row[] {
  const found = rows.filter(({ device, state }) => (show === 'all' || state === show) && fits(device, search));
  const sign = reversed ? -1 : 1;
  return found.sort((a, b) => sign * ORDERS[sort](a, b) || byName(a, b));
}

export function tally(rows: readonly Row[]): Readonly<Record<State, number>> {
  const counts: Record<State, number> = { silent: 0, late: 0, ok: 0, disabled: 0, unseen: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

const { compare } = new Intl.Collator(undefined, { numeric: true });

const byName = (a: Row, b: Row): number =>
  compare(a.device.name, b.device.name) || compare(a.device.device_id, b.device.device_id);

/** The oldest first; without a point nothing is older. What was not asked for comes last. */
function byAge(a: Row, b: Row): number {
  const key = ({ state, timestamp_ms }: Row): number => timestamp_ms ?? (state === 'unseen' ? Infinity : -Infinity);
  return Math.sign(key(a) - key(b)) || 0;
}

const ORDERS: Readonly<Record<Sort, (a: Row, b: Row) => number>> = {
  name: byName,
  status: (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
  age: byAge,
};

function wordsOf(search: string): readonly string[] {
  return search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}
