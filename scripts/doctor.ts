/** `npm run doctor`: says what the emulators would use, or what to install. */
import { optionsOrExit } from './lib/cli.ts';
import { findFirestore, firestoreHint, findPubsub } from './lib/emulators.ts';
import { findJava, javaHint } from './lib/java.ts';
import { gcloudHint, hasGcloud } from './lib/provision/tool.ts';

optionsOrExit({
  command: 'npm run doctor --',
  summary: 'Says which Node, Java and emulators this machine has, or what to install. Changes nothing.',
  options: {},
});
const java = findJava();
const firestore = findFirestore();
console.log(`node       ${process.versions.node}`);
console.log(`java       ${java ? `${java.major} at ${java.bin}` : javaHint}`);
console.log(`firestore  ${firestore ?? firestoreHint}`);
console.log(`pubsub     ${findPubsub() ?? 'not found; only npm start would use it'}`);
console.log(`gcloud     ${hasGcloud() ? 'found; infra/provision uses it' : gcloudHint}`);
process.exitCode = java && firestore ? 0 : 1;
