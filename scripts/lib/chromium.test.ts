import assert from 'node:assert/strict';
import { planFor, type Machine } from './chromium.ts';

function machine(files: readonly string[], env: Machine['env'] = {}, is_root = true): Machine {
  return { env, has: (file) => files.includes(file), is_root };
}

describe('the Chromium of the tests', () => {
  const APT = '/usr/bin/apt-get';

  it('is the one that is named, and no other', () => {
    const env = { CHROME_PATH: '/opt/chrome', CI: 'true' };
    assert.deepEqual(planFor(machine(['/opt/chrome', '/usr/bin/chromium'], env)), { file: '/opt/chrome' });
    assert.throws(() => planFor(machine(['/usr/bin/chromium', APT], env)), /names \/opt\/chrome.*install one/);
  });

  it('is the one that is there', () => {
    assert.deepEqual(planFor(machine(['/usr/bin/google-chrome'])), { file: '/usr/bin/google-chrome' });
  });

  it('is installed by root in CI alone; a person is told how', () => {
    assert.equal(planFor(machine([APT], { CI: 'true' })), 'install');
    assert.throws(() => planFor(machine([APT])), /sudo apt-get install chromium/);
    assert.throws(() => planFor(machine([APT], { CI: 'true' }, false)), /sudo apt-get install chromium/);
    assert.throws(() => planFor(machine([], { CI: 'true' })), /CHROME_PATH/);
  });
});
