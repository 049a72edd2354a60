import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../errors.ts';
import { withDeadline } from '../../resilience/deadline.ts';
import { KeyedQueue, LOST, untilWon } from './patience.ts';
import { documentId } from './paths.ts';

const isUnavailable = (error: unknown) =>
  error instanceof Problem && error.code === 'store_unavailable' && (error.retry_after_s ?? 0) > 0;

describe('Firestore patience', () => {
  it('gives a store that does not answer up at the deadline, as a problem with Retry-After', async () => {
    const never = new Promise<never>(() => undefined);
    await assert.rejects(withDeadline(never, 20), isUnavailable);
  });

  it('gives a dead store up within a second', async () => {
    const worker = join(import.meta.dirname, 'dead-store.worker.ts');
    // The SDK prefers its own variable to the host it is given.
    const env = { ...process.env, FIRESTORE_EMULATOR_HOST: '' };
    const { stdout } = await promisify(execFile)(process.execPath, [worker], { env });
    const { codes, took_ms } = JSON.parse(stdout) as { codes: string[]; took_ms: number };
    for (const code of codes) assert.match(code, /^store_unavailable [1-9]\d*$/);
    assert(took_ms < 1_000, `${took_ms} ms`);
  }).timeout(30_000);

  it('tries again after a lost race, and not for ever', async () => {
    let tries = 0;
    assert.equal(await untilWon(() => Promise.resolve((tries += 1) < 4 ? LOST : tries)), 4);
    await assert.rejects(
      untilWon(() => Promise.resolve(LOST)),
      isUnavailable,
    );
  }).timeout(20_000);

  it('lets one at a time work under a key, in order, also after a failure', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const job = (key: string, name: string, fails = false) =>
      queue.run(key, async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
      });
    const settled = await Promise.allSettled([job('a', '1', true), job('a', '2'), job('b', '3'), job('a', '4')]);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
    const ofA = log.filter((entry) => !entry.startsWith('3'));
    assert.deepEqual(
      ofA,
      ['1', '2', '4'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });
});

describe('Firestore document ids', () => {
  it('are the same for the same parts only', () => {
    const parts = [
      'a',
      'b',
      'a~b',
      'a=b',
      '=',
      '',
      '/',
      '.',
      '..',
      '__a__',
      'A',
      '=0061',
      'é',
      '\u{1F321}',
      '~',
      'a.b',
    ];
    const ids = parts.flatMap((one) => [documentId(one), ...parts.map((other) => documentId(one, other))]);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[A-Za-z0-9=][A-Za-z0-9._:@~=-]*$/);
  });

  it('keep names as they are, and stay short for anything else', () => {
    assert.equal(documentId('acme', 'boiler-1', '1773734400000'), 'acme~boiler-1~1773734400000');
    assert(documentId('x'.repeat(100_000)).length < 100);
    const long = documentId('/'.repeat(60), '/'.repeat(61), 'x'.repeat(300));
    assert(long.length < 1_000);
    assert.notEqual(documentId('/'.repeat(61)), documentId('/'.repeat(62)));
  });
});
