/** Where the Google emulators are on this machine, and what the Firebase CLI must be told to use them. */
import { existsSync, globSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findJava, type Java } from './java.ts';
import { writeManifestJar } from './manifest-jar.ts';
import { cacheDir } from './paths.ts';

/** The Firestore emulator's entry class; its jar in the Google Cloud SDK does not name it. */
export const firestoreMain = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

/** What to tell a person whose machine has Java but no emulator. */
export const firestoreHint =
  'The Firestore emulator is not installed. Run "npx firebase setup:emulators:firestore", or ' +
  '"gcloud components install cloud-firestore-emulator", or set FIRESTORE_EMULATOR_BINARY_PATH.';

function newest(pattern: string): string | undefined {
  const versionOf = (file: string) => (file.match(/\d+/g) ?? []).map((part) => part.padStart(6, '0')).join('.');
  return globSync(pattern)
    .sort((a, b) => versionOf(a).localeCompare(versionOf(b)))
    .at(-1);
}

function cliCache(): string {
  return process.env['FIREBASE_EMULATORS_PATH'] ?? join(homedir(), '.cache', 'firebase', 'emulators');
}

/** The Google Cloud SDK's folder of components, found through `gcloud` on the PATH or at its usual places. */
function sdkPlatform(component: string): string | undefined {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'gcloud'))
    .filter((file) => existsSync(file))
    .map((file) => dirname(dirname(realpathSync(file))));
  const usual = ['/usr/lib/google-cloud-sdk', '/opt/google-cloud-sdk', join(homedir(), 'google-cloud-sdk')];
  return [...onPath, ...usual].map((root) => join(root, 'platform', component)).find((folder) => existsSync(folder));
}

/** A jar of the Firestore emulator that `java -jar` can run, or undefined. */
export function findFirestore(): string | undefined {
  const override = process.env['FIRESTORE_EMULATOR_BINARY_PATH'];
  if (override) return override;
  const cached = newest(join(cliCache(), 'cloud-firestore-emulator-v*.jar'));
  if (cached) return cached;
  const folder = sdkPlatform('cloud-firestore-emulator');
  if (!folder) return undefined;
  const runnable = join(cacheDir, 'emulators', 'firestore.jar');
  writeManifestJar(runnable, join(folder, 'cloud-firestore-emulator.jar'), firestoreMain);
  return runnable;
}

/** The Pub/Sub emulator's start script, or undefined. */
export function findPubsub(): string | undefined {
  const override = process.env['PUBSUB_EMULATOR_BINARY_PATH'];
  if (override) return override;
  const script = 'bin/cloud-pubsub-emulator';
  const cached = newest(join(cliCache(), 'pubsub-emulator-*', '**', script));
  if (cached) return cached;
  const folder = sdkPlatform('pubsub-emulator');
  return folder && join(folder, script);
}

/** Which emulators this machine can run, and the environment in which the CLI finds their parts. */
export interface EmulatorPlan {
  only: string[];
  env: Record<string, string>;
  /** What is left out and how to get it; empty when all can run. */
  missing: string[];
}

function javaEnv(java: Java): Record<string, string> {
  return { JAVA_HOME: java.home, PATH: `${dirname(java.bin)}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** Functions and Hosting always; Firestore and Pub/Sub where Java and their emulators are found. */
export function planEmulators(java: Java | undefined = findJava()): EmulatorPlan {
  const plan: EmulatorPlan = { only: ['functions', 'hosting'], env: {}, missing: [] };
  if (!java) return { ...plan, missing: ['Firestore and Pub/Sub (no Java 21 or newer)'] };
  plan.env = javaEnv(java);
  for (const [name, file] of [
    ['firestore', findFirestore()],
    ['pubsub', findPubsub()],
  ] as const) {
    if (file === undefined) {
      plan.missing.push(`${name} (npx firebase setup:emulators:${name})`);
      continue;
    }
    plan.only.push(name);
    plan.env[`${name.toUpperCase()}_EMULATOR_BINARY_PATH`] = file;
  }
  return plan;
}
