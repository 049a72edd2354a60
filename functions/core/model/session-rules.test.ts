import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import { absoluteExpiry_ms, idleExpiry_ms, isExpired } from './session-rules.ts';

const created_ms = Date.UTC(2026, 2, 17, 9);

describe('session limits', () => {
  it('end a session after 30 idle minutes', () => {
    const session = { created_ms, last_seen_ms: created_ms + HOUR_MS };
    const end_ms = created_ms + HOUR_MS + 30 * MINUTE_MS;
    assert.equal(idleExpiry_ms(session), end_ms);
    assert.deepEqual(
      [end_ms - 1, end_ms].map((now_ms) => isExpired(session, now_ms)),
      [false, true],
    );
  });

  it('end a session after 12 hours, however busy', () => {
    const end_ms = created_ms + 12 * HOUR_MS;
    const session = { created_ms, last_seen_ms: end_ms - 1 };
    assert.equal(absoluteExpiry_ms(session), end_ms);
    assert.deepEqual(
      [end_ms - 1, end_ms].map((now_ms) => isExpired(session, now_ms)),
      [false, true],
    );
  });

  it('end a session that was seen more than five minutes ahead: the clock was set back since', () => {
    const session = { created_ms, last_seen_ms: created_ms + HOUR_MS };
    const earliest_ms = session.last_seen_ms - 5 * MINUTE_MS;
    assert.deepEqual(
      [earliest_ms - 1, earliest_ms].map((now_ms) => isExpired(session, now_ms)),
      [true, false],
    );
  });
});
