import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const WORKER = join(import.meta.dirname, '../../test/support/dying.worker.ts');

describe('what becomes of a process', () => {
  for (const how of ['throws', 'rejects']) {
    it(`is told in lines of the log, without values, when nobody catches what it ${how}`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [WORKER, how], { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [1, '']);
      const lines = stdout.trim().split('\n');
      assert.deepEqual(lines.map((line) => /^{"severity":"(\w+)"/.exec(line)?.[1]).sort(), ['CRITICAL', 'WARNING']);
      assert.doesNotMatch(stdout, /canary/);
      assert.match(stdout, how === 'throws' ? /Error: thrown/ : /Error: lost/);
    });
  }

  it('is told after what is to happen before its end', () => {
    const { status, stdout } = spawnSync(process.execPath, [WORKER, 'throws', 'slowly'], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stdout, /"CRITICAL".*\n{"severity":"INFO","message":"the last words"/);
  });
});
