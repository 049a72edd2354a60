/** Finds the newest Java that the emulators accept, wherever the machine keeps it. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The oldest Java that firebase-tools 15 accepts. */
export const minimumJava = 21;

/** What to tell a person whose machine has none. */
export const javaHint =
  `A Java runtime ${minimumJava} or newer is needed for the Firestore emulator. Install one (Debian 13, Ubuntu 24.04: ` +
  'apt-get install openjdk-21-jre-headless; macOS: brew install openjdk; elsewhere: https://adoptium.net), ' +
  'or set JAVA_HOME to one that is installed.';

/** One Java runtime. */
export interface Java {
  /** The `java` executable. */
  bin: string;
  /** Its home, for tools that read JAVA_HOME. */
  home: string;
  major: number;
}

const wellKnownHomes = [
  '/usr/lib/jvm/*',
  '/opt/java/*',
  '/opt/*jdk*',
  '/Library/Java/JavaVirtualMachines/*/Contents/Home',
  '/opt/homebrew/opt/openjdk*',
  '/usr/local/opt/openjdk*',
];

function candidates(): string[] {
  const executable = process.platform === 'win32' ? 'java.exe' : 'java';
  const home = process.env['JAVA_HOME'];
  const fromHome = home ? [join(home, 'bin')] : [];
  const fromPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const known = globSync(wellKnownHomes).map((folder) => join(folder, 'bin'));
  return [...new Set([...fromHome, ...fromPath, ...known])]
    .map((folder) => join(folder, executable))
    .filter((file) => existsSync(file));
}

function majorOf(bin: string): number {
  const { stderr, stdout } = spawnSync(bin, ['-version'], { encoding: 'utf8', timeout: 20_000 });
  return Number(/version "(\d+)/.exec(`${stderr}${stdout}`)?.[1] ?? 0);
}

/** The newest Java of at least `minimumJava`, or undefined. */
export function findJava(): Java | undefined {
  let best: Java | undefined;
  for (const bin of candidates()) {
    const major = majorOf(bin);
    if (major >= minimumJava && major > (best?.major ?? 0)) best = { bin, home: dirname(dirname(bin)), major };
  }
  return best;
}
