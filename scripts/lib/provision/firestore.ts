/** Indexes, TTL policies and rules: looked at here, deployed by the Firebase CLI from the files that it knows. */
import { SetupError } from '@bas/core/errors';
import { standingOf, type FreshFinding } from '@bas/core/gate/findings';
import { compare } from '@bas/core/gate/reading';
import { REQUIRED } from '@bas/core/gate/required';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../paths.ts';
import type { Google } from './google.ts';
import { observedIn } from './observed.ts';
import type { Item, Step } from './steps.ts';
import * as z from 'zod';

export function firestore(google: Google): Step {
  return { name: 'firestore', look: () => look(google) };
}

/** What a deploy mends; everything else that is wrong needs a person, and the finding says how. */
const DEPLOYABLE: readonly FreshFinding['code'][] = [
  'index_missing',
  'index_different',
  'exemption_missing',
  'exemption_different',
  'ttl_missing',
];

async function look(google: Google): Promise<readonly Item[]> {
  const { project } = google;
  const findings = compare(await observedIn(google), REQUIRED, project);
  const items = [...findings.map(itemOfFinding), await rules(google)];
  const first = items.findIndex(({ sign }) => sign === '+' || sign === '~');
  const words = ['deploy', '--only', 'firestore:indexes,firestore:rules'];
  // One deploy mends all of them; it stands with the first.
  return items.map((item, at) => (at === first ? { ...item, apply: () => google.firebase(words) } : item));
}

function itemOfFinding(finding: FreshFinding): Item {
  const { code, subject, detail } = finding;
  if (DEPLOYABLE.includes(code)) return { subject, sign: '+' };
  const standing = standingOf(finding);
  if (standing === 'good') return { subject, sign: '=' };
  return { subject, sign: standing === 'waiting' ? '=' : '!', detail: detail.replace(/\.$/, '') };
}

const Release = z.object({ rulesetName: z.string() });
const Ruleset = z.object({ source: z.object({ files: z.array(z.object({ content: z.string() })) }) });

async function rules(google: Google): Promise<Item> {
  const subject = 'rules firestore.rules';
  const release = await google.read('firebaserules', `v1/projects/${google.project}/releases/cloud.firestore`);
  if (release === null) return { subject, sign: '+' };
  const ruleset = await google.read('firebaserules', `v1/${Release.parse(release).rulesetName}`);
  if (ruleset === null) throw new SetupError('the released ruleset is gone.');
  const wanted = readFileSync(join(rootDir, 'firestore.rules'), 'utf8');
  const same = Ruleset.parse(ruleset).source.files.every(({ content }) => content === wanted);
  return same ? { subject, sign: '=' } : { subject, sign: '~', detail: 'other rules are released' };
}
