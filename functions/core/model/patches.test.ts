import assert from 'node:assert/strict';
import { aDevice, aPassword, aUser } from '../stores/suite/fixtures.ts';
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import { patchDevice, patchUser } from './patches.ts';

const NOW_MS = Date.UTC(2026, 2, 17, 9, 24, 30);

describe('patches', () => {
  it('leave alone what they do not name, or name without a value', () => {
    const [device, user] = [aDevice({ expected_interval_ms: 5_000 }), aUser()];
    assert.deepEqual(patchDevice(device, {}, NOW_MS), device);
    assert.deepEqual(patchDevice(device, { name: undefined, expected_interval_ms: undefined }, NOW_MS), device);
    assert.deepEqual(patchUser(user, { role: undefined }), user);
  });

  it('change what they name', () => {
    const device = patchDevice(aDevice(), { name: '', tags: {}, disabled: true }, NOW_MS);
    assert.deepEqual([device.name, device.tags, device.disabled], ['', {}, true]);
    const user = patchUser(aUser({ disabled: true }), { disabled: false, role: 'admin', password: aPassword('new') });
    assert.deepEqual([user.disabled, user.role, user.password_hash], [false, 'admin', aPassword('new').password_hash]);
  });

  it('settle how a device files its points when they declare an interval', () => {
    const declared = patchDevice(aDevice(), { expected_interval_ms: 5_000 }, NOW_MS);
    assert.deepEqual(declared.widths.at(-1), { from_ms: Date.UTC(2026, 2, 17, 12), width_ms: 10 * MINUTE_MS });
    const undeclared = patchDevice(declared, { expected_interval_ms: null }, NOW_MS + 6 * HOUR_MS);
    assert.equal(undeclared.expected_interval_ms, null);
    assert.equal(undeclared.widths.at(-1)?.width_ms, 6 * HOUR_MS);
  });
});
