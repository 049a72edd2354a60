/** A command of another program, run to its end. */
import { SetupError } from '@bas/core/errors';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What to tell a person whose machine has none. */
export const gcloudHint =
  'gcloud is not installed. Debian, Ubuntu: apt-get install google-cloud-cli; macOS: brew install --cask ' +
  'google-cloud-sdk; its package source and other systems: https://cloud.google.com/sdk/docs/install.';

/** Whether this machine can run gcloud. */
export function hasGcloud(): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, 'gcloud')));
}

export interface ToolOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs a command to its end; a failure is one line with the command's own words. */
export async function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<string> {
  const { env, input = '', cwd } = options;
  const child = spawn(command, args, { env, ...(cwd === undefined ? {} : { cwd }), stdio: 'pipe' });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    await once(child, 'close');
    const [out, err] = await said;
    if (child.exitCode === 0) return out;
    throw new SetupError(`${spoken(command, args)} failed: ${lastWords(`${out}\n${err}`)}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new SetupError(gcloudHint);
    throw error;
  }
}

/** gcloud and the Firebase CLI put the reason after the word error, and advice around it. */
function lastWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const at = lines.findLastIndex((line) => /^(ERROR|Error):/.test(line));
  const told = lines.slice(Math.max(at, 0)).filter((line) => line !== '');
  return `${told.slice(0, 3).join(' ').slice(0, 400).replace(/\.*$/, '')}.`;
}

/** The verb, for a message: `gcloud secrets create`, and never a value. */
function spoken(command: string, args: readonly string[]): string {
  const verb = args.filter((word) => !word.startsWith('-')).slice(0, 4);
  return [command, ...verb].map((word) => basename(word, '.js')).join(' ');
}
