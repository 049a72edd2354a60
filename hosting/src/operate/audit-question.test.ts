import assert from 'node:assert/strict';
import { auditPath, filterOf } from './audit-question.ts';

describe('a question to the audit log', () => {
  it('is asked as the address has it', () => {
    const filter = filterOf({ user_id: 'u-1', action: 'key.issue', from: '2026-11-23T08:00', to: '2026-11-23T08:00' });
    const start_ms = new Date('2026-11-23T08:00').getTime();
    assert.deepEqual(auditPath(filter), {
      path: `/v1/audit?limit=50&user_id=u-1&action=key.issue&start_ms=${start_ms}&end_ms=${start_ms + 60_000}`,
    });
  });

  it('leaves out what is empty or unknown', () => {
    assert.deepEqual(auditPath(filterOf({ action: 'no.such', from: 'yesterday', to: 'tomorrow', range: 'day' })), {
      path: '/v1/audit?limit=50',
    });
  });

  it('is not asked when it ends before it begins', () => {
    assert.ok('trouble' in auditPath(filterOf({ from: '2026-11-23T08:00', to: '2026-11-23T07:59' })));
  });
});
