/** Runs of provisioning: the command itself, or its steps in this process. */
import { SetupError } from '@bas/core/errors';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { rootDir } from '../../../scripts/lib/paths.ts';
import { allSteps } from '../../../scripts/lib/provision/all-steps.ts';
import { readDeclared } from '../../../scripts/lib/provision/declared.ts';
import { Google } from '../../../scripts/lib/provision/google.ts';
import { runSteps } from '../../../scripts/lib/provision/steps.ts';
import type { GoogleCloud, Seen } from './google-cloud.ts';

export const PROJECT = 'demo-bas';
const PLACE = { project: PROJECT, env: 'prod' } as const;

export interface Provisioned {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly err: string;
  /** What it asked of the APIs. */
  readonly seen: readonly Seen[];
}

/** Runs `infra/provision` for production; `changed` variables are set, or taken away when undefined. */
export async function provisionWith(
  cloud: GoogleCloud,
  words: readonly string[],
  { input = '', ...changed }: { readonly input?: string } & NodeJS.ProcessEnv = {},
): Promise<Provisioned> {
  const args = ['--project', PROJECT, '--env', 'prod', ...words];
  const child = spawn(join(rootDir, 'infra', 'provision'), args, { env: { ...cloud.env, ...changed }, stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, lines: out.trimEnd().split('\n'), err: err.trimEnd(), seen: cloud.drain() };
}

/** As the command does it, without a process for each of many runs. */
export async function provisionHere(
  cloud: GoogleCloud,
  only: (step: string) => boolean = () => true,
): Promise<{ lines: readonly string[]; failure: string | null }> {
  const lines: string[] = [];
  const google = new Google({ project: PROJECT, plan: false, env: cloud.env, patience: { tries: 4, pause_ms: 50 } });
  const all = allSteps(google, PLACE, readDeclared(PLACE), 'ops@example.com');
  const steps = all.filter(({ name }) => only(name));
  try {
    await runSteps(steps, { plan: false, say: (line) => lines.push(line) });
    return { lines, failure: null };
  } catch (error) {
    if (error instanceof SetupError) return { lines, failure: error.message };
    throw error;
  }
}
