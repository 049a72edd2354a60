/** Everything that a project needs, in the order in which one thing stands on another. */
import type { Declared, Place } from './declared.ts';
import { firestore } from './firestore.ts';
import { foundation } from './foundation.ts';
import type { Google } from './google.ts';
import { monitoring } from './monitoring.ts';
import { secrets } from './secrets.ts';
import type { Step } from './steps.ts';

/** `notify`: the address that alerts go to; undefined leaves it as it is. */
export function allSteps(google: Google, place: Place, declared: Declared, notify?: string): readonly Step[] {
  return [
    ...foundation(google, place, declared),
    ...secrets(google, declared),
    firestore(google),
    ...monitoring(google, declared, notify),
  ];
}
