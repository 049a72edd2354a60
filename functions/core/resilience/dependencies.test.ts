import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import type { LogFields } from '../observability/log.ts';
import { Dependencies } from './dependencies.ts';

describe('what a process knows of its dependencies', () => {
  let lines: { severity: string; fields: LogFields }[];
  let now_ms: number;
  let dependencies: Dependencies;

  beforeEach(() => {
    lines = [];
    now_ms = 1_000;
    const logger = { log: (severity: string, _: string, fields: LogFields = {}) => lines.push({ severity, fields }) };
    dependencies = new Dependencies(logger, { elapsed_ms: () => now_ms });
  });

  it('is one breaker for each, with one line when it opens and one when it closes', async () => {
    const breaker = dependencies.breaker('firestore');
    assert.equal(dependencies.breaker('firestore'), breaker);
    assert.deepEqual(dependencies.states(), { firestore: 'closed' });
    const fail = () => breaker.run(() => Promise.resolve({ trips: true })).catch(() => undefined);
    for (let n = 0; n < 10; n += 1) await fail();
    assert.deepEqual(dependencies.states(), { firestore: 'open' });
    now_ms += 2 * SECOND_MS;
    await fail();
    now_ms += 2 * SECOND_MS;
    await breaker.run(() => Promise.resolve({ trips: false }));
    assert.deepEqual(
      lines.map(({ severity, fields }) => [severity, fields['dependency'], fields['breaker'], fields['away_s']]),
      [
        ['ERROR', 'firestore', 'open', undefined],
        ['NOTICE', 'firestore', 'closed', 4],
      ],
    );
  });

  it('is told to who must act on it once in ten minutes, each by its own word', () => {
    for (let n = 0; n < 3; n += 1) dependencies.alert('firestore_access_refused', 'see to it');
    dependencies.alert('firestore_index_missing', 'deploy it');
    now_ms += 10 * MINUTE_MS - 1;
    dependencies.alert('firestore_access_refused', 'see to it');
    now_ms += 1;
    dependencies.alert('firestore_access_refused', 'see to it');
    assert.deepEqual(
      lines.map(({ severity, fields }) => [severity, fields['alert']]),
      [
        ['ERROR', 'firestore_access_refused'],
        ['ERROR', 'firestore_index_missing'],
        ['ERROR', 'firestore_access_refused'],
      ],
    );
  });
});
