/** The addresses that firebase.json gives the emulators, and whether they are free. */
import { SetupError } from '@bas/core/errors';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { rootDir } from './paths.ts';

interface Configured {
  readonly emulators: Readonly<Record<string, { readonly host: string; readonly port: number } | undefined>>;
}

function configured(name: string): { host: string; port: number } {
  const config = JSON.parse(readFileSync(join(rootDir, 'firebase.json'), 'utf8')) as Configured;
  const found = config.emulators[name];
  if (found === undefined) throw new SetupError(`firebase.json gives the emulator ${name} no port: add one.`);
  return found;
}

/** `host:port` of an emulator. */
export function addressOf(name: string): string {
  const { host, port } = configured(name);
  return `${host}:${port}`;
}

/** Throws one line that names every port of these emulators that somebody else has. */
export async function checkPorts(names: readonly string[]): Promise<void> {
  const taken: string[] = [];
  for (const name of names) if (!(await isFree(configured(name)))) taken.push(`${addressOf(name)} (${name})`);
  if (taken.length === 0) return;
  const are = taken.length === 1 ? 'is' : 'are';
  throw new SetupError(
    `${taken.join(', ')} ${are} in use: stop what listens there, such as another npm start, or change firebase.json.`,
  );
}

async function isFree({ host, port }: { host: string; port: number }): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE');
  }
  server.close();
  await once(server, 'close');
  return true;
}
