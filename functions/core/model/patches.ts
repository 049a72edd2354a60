import { changeWidth } from './bucket.ts';
import type { Device, DevicePatch, User, UserPatch } from './entities.ts';

/** The device after `patch`. A declared interval, even the same one again, settles how its points are filed from now on. */
export function patchDevice<D extends Omit<Device, 'keys'>>(device: D, patch: DevicePatch, now_ms: number): D {
  const { expected_interval_ms } = patch;
  const filing =
    expected_interval_ms === undefined
      ? {}
      : { expected_interval_ms, widths: changeWidth(device.widths, expected_interval_ms, now_ms) };
  return {
    ...device,
    name: patch.name ?? device.name,
    tags: patch.tags ?? device.tags,
    disabled: patch.disabled ?? device.disabled,
    ...filing,
  };
}

export function patchUser(user: User, { role, disabled, password }: UserPatch): User {
  return {
    ...user,
    role: role ?? user.role,
    disabled: disabled ?? user.disabled,
    password_hash: password?.password_hash ?? user.password_hash,
    algo_params: password?.algo_params ?? user.algo_params,
  };
}
