/** Finds a Chromium for the page's tests; where nobody is there to ask, as in CI, it installs Debian's. */
import { existsSync } from 'node:fs';
import { runOrFail } from './run.ts';

const KNOWN = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const HINT =
  'The tests of the page need Chromium or Chrome: install one (Debian, Ubuntu: sudo apt-get install chromium; ' +
  'macOS: brew install chromium), or name it in CHROME_PATH.';

/** What decides how to come by a Chromium. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly has: (file: string) => boolean;
  readonly is_root: boolean;
}

/** The executable, or that it may be installed. Throws with what to do when a person has to. */
export function planFor({ env, has, is_root }: Machine): { readonly file: string } | 'install' {
  const named = env['CHROME_PATH'];
  if (named !== undefined && named !== '') {
    // Whoever names one wants that one.
    if (!has(named)) throw new Error(`CHROME_PATH names ${named}, where nothing is. ${HINT}`);
    return { file: named };
  }
  const file = KNOWN.find(has);
  if (file !== undefined) return { file };
  // Nobody's machine is changed unasked.
  if (env['CI'] !== 'true' || !is_root || !has('/usr/bin/apt-get')) throw new Error(HINT);
  return 'install';
}

/** The executable, installed when it is missing and this may install packages. */
export async function ensureChromium(): Promise<string> {
  const machine: Machine = { env: process.env, has: existsSync, is_root: process.getuid?.() === 0 };
  let plan = planFor(machine);
  if (plan === 'install') {
    await install();
    plan = planFor(machine);
  }
  if (plan === 'install') throw new Error(HINT);
  return plan.file;
}

async function install(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  await runOrFail('Looking for packages', 'apt-get', [...quiet, 'update'], { env });
  const packages = ['--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  await runOrFail('Installing Chromium', 'apt-get', [...quiet, 'install', '-y', ...packages], { env });
}
