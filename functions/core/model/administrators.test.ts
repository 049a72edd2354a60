import assert from 'node:assert/strict';
import { rolesThatMustStay } from './administrators.ts';
import type { Role } from './role.ts';

const as = (role: Role, disabled = false) => ({ role, disabled });

describe('who keeps a tenant manageable', () => {
  it('is another manager of users when one is demoted or disabled', () => {
    const managers = ['admin', 'platform_admin'];
    assert.deepEqual(rolesThatMustStay(as('admin'), as('operator')), managers);
    assert.deepEqual(rolesThatMustStay(as('admin'), as('admin', true)), managers);
  });

  it('is another platform administrator when one of those leaves', () => {
    assert.deepEqual(rolesThatMustStay(as('platform_admin'), as('admin')), ['platform_admin']);
    assert.deepEqual(rolesThatMustStay(as('platform_admin'), as('platform_admin', true)), ['platform_admin']);
  });

  it('is nobody in particular when no administrator is taken away', () => {
    const changes = [
      [as('operator'), as('viewer', true)],
      [as('viewer'), as('admin')],
      [as('admin'), as('admin')],
      [as('admin'), as('platform_admin')],
      [as('admin', true), as('viewer')],
    ] as const;
    for (const [user, next] of changes) assert.deepEqual(rolesThatMustStay(user, next), []);
  });
});
