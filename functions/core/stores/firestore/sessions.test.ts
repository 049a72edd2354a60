import assert from 'node:assert/strict';
import { Meter } from '../../observability/meter.ts';
import { ACME, aSession, aTenant, aUser, anEvent } from '../suite/fixtures.ts';
import { openFirestoreHarness } from './harness.ts';

describe('A Firestore session', () => {
  it('is not opened with a role its user no longer has', async () => {
    const { backend, raw, close } = await openFirestoreHarness();
    const { tenants, forTenant } = backend.withMeter(new Meter());
    const user = aUser({ role: 'admin' });
    await tenants.create(aTenant());
    const { users, sessions } = forTenant(ACME);
    await users.create(user, anEvent());
    const prepared = aSession(user);
    await users.update(user.user_id, { role: 'viewer' }, anEvent());
    assert.equal(await sessions.open(prepared, user.password_hash, anEvent()), 'refused');
    assert.deepEqual(await raw.sessions(ACME), []);
    await close();
  });
});
