/** Two boxes must never deliver into one database. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advance } from '@bas/core/cutover/advance';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { rollback } from '@bas/core/cutover/rollback';
import { reasonsOf } from '@bas/core/cutover/refused';
import { openMovingBox } from './support/moving-box.ts';

describe('a project that a box moves to', function () {
  this.timeout(30_000);

  it('takes that box again, and no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bas-boxes-'));
    const one = await openMovingBox();
    const other = await openMovingBox({ of: { file: join(folder, 'bas.sqlite'), project_id: one.project_id } });
    try {
      const intoDual = (box: typeof one) => advance(box.parts, 'telemetry', BY_COMMAND, { emulator: true });
      await intoDual(one);
      await assert.rejects(intoDual(other), (error: unknown) => {
        assert.match(reasonsOf(error)?.join(' ') ?? '', /Another box is moving to this project/);
        return true;
      });
      assert.equal(other.parts.journal.flags().telemetry, 'sqlite');
      await rollback(one.parts, 'telemetry', BY_COMMAND, 'a test');
      await intoDual(one);
    } finally {
      await Promise.all([one.close(), other.close()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
