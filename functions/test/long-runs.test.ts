/** Long runs are stopped as people stop them: by Ctrl-C, which a terminal sends to every process that it knows of. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootDir } from './support/command.ts';

describe('a long run', function () {
  this.timeout(120_000);

  it('that is stopped tells what was done until then, and writes no evidence of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bas-long-'));
    const out = join(folder, 'evidence');
    const args = ['scripts/crash.ts', '--only', 'crash', '--cycles', '200', '--moving-percent', '0', '--out', out];
    // A terminal's group: all that is started without one of its own is in it.
    const child = spawn(process.execPath, args, { cwd: rootDir, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      let [printed, told] = ['', ''];
      const begun = Promise.withResolvers<null>();
      child.stdout.on('data', (chunk) => (printed += String(chunk)));
      child.stderr.on('data', (chunk) => {
        told += String(chunk);
        if (/[1-9]\d* of 200 kills/.test(told)) begun.resolve(null);
      });
      const ended = once(child, 'close');
      await Promise.race([begun.promise, ended]);
      process.kill(-(child.pid ?? assert.fail('it did not start')), 'SIGINT');
      await ended;
      assert.match(printed, /^\| kills \| [1-9]\d* \| >= 200 \| \*\*no\*\* \|$/m, told);
      assert.match(printed, /^\| acknowledged points or registrations lost \| 0 \| 0 \| yes \|$/m);
      assert.equal(child.exitCode, 1, 'a bar that was not reached');
      assert.equal(existsSync(out), false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
