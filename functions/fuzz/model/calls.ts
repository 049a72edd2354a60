/** Which requests an operation is made of. */
import { anyDeviceId, deviceList, issueKey, oneDevice, patchDevice, register, revokeKey } from './device-calls.ts';
import { deviceIdFor } from './choice.ts';
import type { Call } from './expected.ts';
import type { Sender } from './guard.ts';
import type { Operation } from './operation.ts';
import { audit, cutover, usage } from './other-calls.ts';
import { logout, revokeSession, session, sessions } from './session-calls.ts';
import type { Model } from './state.ts';
import { latest, post, recent, window } from './telemetry-calls.ts';
import { createUser, patchUser, users } from './user-calls.ts';

/** Operations that are one request by one sender; the others are put together of such. */
export type Single = Exclude<Operation['kind'], 'flood' | 'move_device' | 'login' | 'deliver'>;

const CALLS: Readonly<Record<Single, (model: Model, sender: Sender, operation: Operation) => Call>> = {
  post,
  recent,
  window,
  latest,
  shown: (model, sender, operation) => deviceList(model, sender, operation, true),
  devices: (model, sender, operation) => deviceList(model, sender, operation, false),
  look: (model, sender, operation) => oneDevice(model, sender, operation, true),
  device: (model, sender, operation) => oneDevice(model, sender, operation, false),
  register: (model, sender, { a }) => register(model, sender, anyDeviceId(a)),
  patch_device: (model, sender, operation) =>
    patchDevice(model, deviceIdFor(model, sender, operation.a), patchOf(model, sender, operation)),
  issue_key: issueKey,
  revoke_key: revokeKey,
  users,
  create_user: createUser,
  patch_user: patchUser,
  session,
  sessions,
  revoke_session: revokeSession,
  logout,
  audit,
  usage,
  cutover: (_model, _sender, operation) => cutover(operation),
};

export function callOf(kind: Single, model: Model, sender: Sender, operation: Operation): Call {
  return CALLS[kind](model, sender, operation);
}

function patchOf(model: Model, { of }: Sender, { b }: Operation): { disabled: boolean } | { name: string } {
  return b % 3 === 0 ? { disabled: b % 2 === 0 } : { name: `renamed ${model.markerOf(of.tenant_id)} ${b % 5}` };
}
