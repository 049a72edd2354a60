/** Finds strace for the test of what is synced before it is acknowledged; where nobody is there to ask it is installed. */
import { existsSync } from 'node:fs';
import { runOrFail } from './run.ts';

const FILE = '/usr/bin/strace';
const APT = '/usr/bin/apt-get';
const HINT =
  'The test of what is on the disk before it is acknowledged needs strace, and so Linux: ' +
  'install it (Debian, Ubuntu: sudo apt-get install strace).';

/** The executable, installed when it is missing and this is root in CI. Throws with what to do when a person has to. */
export async function ensureStrace(): Promise<string> {
  if (existsSync(FILE)) return FILE;
  // Nobody's machine is changed unasked.
  if (process.env['CI'] !== 'true' || process.getuid?.() !== 0 || !existsSync(APT)) throw new Error(HINT);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  await runOrFail('Looking for packages', APT, [...quiet, 'update'], { env });
  await runOrFail('Installing strace', APT, [...quiet, 'install', '-y', '--no-install-recommends', 'strace'], { env });
  return FILE;
}
