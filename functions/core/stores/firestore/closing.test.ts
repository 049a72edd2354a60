import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

describe('closing a Firestore client', () => {
  it('neither waits for a store that is away nor ends the process by a failure of its own', async () => {
    const worker = join(import.meta.dirname, 'closing.worker.ts');
    // The SDK prefers its own variable to the host it is given.
    const env = { ...process.env, FIRESTORE_EMULATOR_HOST: '' };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [worker], { env });
    const { read, closed_ms } = JSON.parse(stdout) as { read: string; closed_ms: number };
    assert.deepEqual([read, stderr], ['refused', '']);
    assert.ok(closed_ms < 5_000, `${String(closed_ms)} ms`);
  }).timeout(40_000);
});
