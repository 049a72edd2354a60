import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFields } from '../observability/log.ts';
import { Dependencies } from './dependencies.ts';

describe('what a process knows of its dependencies', () => {
  let lines: { severity: string; fields: LogFields }[];
  let dependencies: Dependencies;

  beforeEach(() => {
    lines = [];
    dependencies = new Dependencies({ log: (severity, _, fields = {}) => lines.push({ severity, fields }) });
  });

  it('is one breaker for each, with one line when it opens and one when it closes', async () => {
    const breaker = dependencies.breaker('firestore');
    assert.equal(dependencies.breaker('firestore'), breaker);
    assert.deepEqual(dependencies.states(), { firestore: 'closed' });
    const fail = () => breaker.run(() => Promise.resolve({ trips: true })).catch(() => undefined);
    for (let n = 0; n < 10; n += 1) await fail();
    assert.deepEqual(dependencies.states(), { firestore: 'open' });
    await sleep(2_000);
    await fail();
    await sleep(2_000);
    await breaker.run(() => Promise.resolve({ trips: false }));
    assert.deepEqual(
      lines.map(({ severity, fields }) => [severity, fields['dependency'], fields['breaker'], fields['away_s']]),
      [
        ['ERROR', 'firestore', 'open', undefined],
        ['NOTICE', 'firestore', 'closed', 4],
      ],
    );
  }).timeout(10_000);

  it('is told to who must act on it once, each by its own word', () => {
    for (let n = 0; n < 3; n += 1) dependencies.alert('firestore_access_refused', 'see to it');
    dependencies.alert('firestore_index_missing', 'deploy it');
    assert.deepEqual(
      lines.map(({ severity, fields }) => [severity, fields['alert']]),
      [
        ['ERROR', 'firestore_access_refused'],
        ['ERROR', 'firestore_index_missing'],
      ],
    );
  });
});
