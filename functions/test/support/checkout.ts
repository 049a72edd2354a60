/** A checkout of its own, so that emulators run beside others: own ports, own data, the packages that are installed. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { freePort } from '../../../scripts/lib/firestore-emulator.ts';
import { rootDir } from '../../../scripts/lib/paths.ts';

const STAYS = /^(\.git|\.cache|data)$|(^|\/)node_modules$|\.log$/;
/** Also those that start only when some function needs them. */
const EMULATORS = ['functions', 'hosting', 'firestore', 'pubsub', 'hub', 'logging', 'eventarc', 'tasks'];

export interface Checkout {
  readonly folder: string;
  readonly hostingUrl: string;
  /** Gives every emulator another free port; the last run's may still be closing. */
  movePorts(): Promise<void>;
  remove(): void;
}

export async function makeCheckout(): Promise<Checkout> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-checkout-'));
  const travels = (path: string): boolean => !STAYS.test(relative(rootDir, path));
  cpSync(rootDir, folder, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter: travels });
  linkPackages(folder);
  let hostingUrl = '';
  const movePorts = async (): Promise<void> => {
    hostingUrl = `http://127.0.0.1:${await writePorts(join(folder, 'firebase.json'))}`;
  };
  await movePorts();
  return {
    folder,
    get hostingUrl() {
      return hostingUrl;
    },
    movePorts,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The packages are those of the tree under test; its own code and the launcher are the checkout's. */
function linkPackages(folder: string): void {
  const installed = join(rootDir, 'node_modules');
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  for (const name of readdirSync(installed)) {
    if (name === '.bin' || name === '@bas')
      cpSync(join(installed, name), join(packages, name), { recursive: true, verbatimSymlinks: true });
    else if (name !== '.cache') symlinkSync(join(installed, name), join(packages, name));
  }
  symlinkSync(join(rootDir, 'functions/node_modules'), join(folder, 'functions/node_modules'));
}

async function writePorts(file: string): Promise<number> {
  const config = JSON.parse(readFileSync(file, 'utf8')) as { emulators: Record<string, unknown> };
  const ports = await Promise.all(EMULATORS.map(async (name) => [name, await freePort()] as const));
  for (const [name, port] of ports) config.emulators[name] = { host: '127.0.0.1', port };
  Object.assign(config.emulators['firestore'] ?? {}, { websocketPort: await freePort() });
  writeFileSync(file, JSON.stringify(config, null, 2));
  return new Map(ports).get('hosting') ?? 0;
}
