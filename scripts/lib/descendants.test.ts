import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Descendants } from './descendants.ts';

/** Prints the number of a child in a group of its own, then waits. */
const parent = `
  const child = require('node:child_process').spawn('sleep', ['120'], { detached: true });
  console.log(child.pid);
  setInterval(() => undefined, 1000);`;

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('descendants', () => {
  it('are ended even when their parent was killed and they had left its group', async () => {
    const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const grandchild = Number(line.toString());
    const family = new Descendants(child.pid ?? 0);
    family.remember();
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(alive(grandchild));
    family.killRemaining();
    for (let tries = 0; tries < 100 && alive(grandchild); tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(!alive(grandchild));
  });
});
