/** Whether two servers say the same to the same requests. */
import type { Attack } from './attack.ts';

/** What depends on what is stored or used up by then, which differs between a clock that stands and one that goes. */
const BY_STATE = new Set([
  'read_budget',
  'device_write_budget',
  'sign_in_throttled',
  'already_exists',
  'precondition_failed',
  'invalid_credentials',
  'overloaded',
]);

export interface Difference {
  readonly place: number;
  readonly outcomes: readonly [string, string];
}

/** Places at which one refuses otherwise than the other; of what `isBytes` it counts only that both refuse. */
export function differences(a: Attack, b: Attack, isBytes: (place: number) => boolean): readonly Difference[] {
  return [...a.outcomes].flatMap(([place, one]) => {
    const other = b.outcomes.get(place);
    if (other === undefined || one === other || BY_STATE.has(one) || BY_STATE.has(other)) return [];
    if (isBytes(place) && one !== 'done' && other !== 'done') return [];
    return [{ place, outcomes: [one, other] as const }];
  });
}
