/** Secrets: made empty; those that functions mount may be read by their account. Values come through standard input. */
import { SetupError } from '@bas/core/errors';
import { Username } from '@bas/core/model/names';
import { isCheaper, usableParams } from '@bas/core/passwords/stored-hash';
import type { Declared } from './declared.ts';
import { accountEmail } from './foundation.ts';
import type { Google } from './google.ts';
import { grant, membersOf } from './grants.ts';
import { itemOf, type Item, type Step } from './steps.ts';

/** Each secret is a thing of its own, with a policy of its own. */
const WIDTH = 4;

export function secrets(google: Google, { secrets: names, accounts }: Declared): readonly Step[] {
  const member = `serviceAccount:${accountEmail(google, accounts)}`;
  return [
    { name: 'secrets', width: WIDTH, look: () => existence(google, names) },
    {
      name: 'secret grants',
      width: WIDTH,
      look: () => Promise.all(accounts.secrets.map((name) => accessor(google, name, member, accounts.secretRole))),
    },
  ];
}

async function existence(google: Google, names: readonly string[]): Promise<readonly Item[]> {
  const found = await google.list('secretmanager', `v1/projects/${google.project}/secrets?pageSize=200`, 'secrets');
  const there = new Set(found.map(({ name }) => String(name).split('/').at(-1)));
  return names.map((name) => {
    const create = () => google.gcloud(['secrets', 'create', name, '--replication-policy=automatic']);
    return itemOf(`secret ${name}`, { there: there.has(name) }, { create });
  });
}

async function accessor(google: Google, name: string, member: string, role: string): Promise<Item> {
  const policy = await google.read('secretmanager', `v1/projects/${google.project}/secrets/${name}:getIamPolicy`);
  const there = membersOf(policy).some((one) => one.role === role && one.member === member && one.condition === null);
  const create = () => grant(google, ['secrets', 'add-iam-policy-binding', name], member, role);
  return itemOf(`secret grant ${name}`, { there }, { create });
}

/** Adds `value` as the newest version of a secret, unless it is that already. */
export function newVersion(google: Google, name: string, value: string): Step {
  checkValue(name, value);
  return { name: 'secret value', look: async () => [await version(google, name, value)] };
}

async function version(google: Google, name: string, value: string): Promise<Item> {
  const path = `v1/projects/${google.project}/secrets/${name}/versions/latest:access`;
  // A version that was disabled or destroyed has no value to compare with.
  const latest = await google.read('secretmanager', path, { none: 'FAILED_PRECONDITION' });
  const add = () => google.gcloud(['secrets', 'versions', 'add', name, '--data-file=-'], value);
  const same = latest !== null && dataOf(latest) === value;
  const differs = same ? null : 'another value';
  return itemOf(`secret value ${name}`, { there: latest !== null, differs }, { create: add });
}

function dataOf({ payload }: Readonly<Record<string, unknown>>): string | null {
  const data = typeof payload === 'object' && payload !== null && 'data' in payload ? payload.data : null;
  return typeof data === 'string' ? Buffer.from(data, 'base64').toString() : null;
}

const CHECKS: Readonly<Record<string, { readonly fits: (value: string) => boolean; readonly must: string }>> = {
  'auth-admin-username': { fits: (value) => Username.safeParse(value).success, must: 'a username' },
  'auth-admin-password-hash': {
    fits: isDearEnough,
    must: 'an Argon2id hash no cheaper than those of this suite: npm run -s admin -- hash-password makes one',
  },
  'firestore-project-id': { fits: isProjectId, must: 'a project id' },
  'telemetry-backfill-start-ms': {
    fits: (value) => /^\d{1,15}$/.test(value),
    must: 'a whole number of milliseconds since 1970',
  },
};

/** A wrong value is refused before it is stored: functions would only find out when they start. */
function checkValue(name: string, value: string): void {
  const check = CHECKS[name];
  if (check !== undefined && !check.fits(value)) throw new SetupError(`${name} must be ${check.must}.`);
}

/** A hash that is quick to check is quick to guess, and nothing renews it before its owner first signs in. */
function isDearEnough(password_hash: string): boolean {
  const params = usableParams({ password_hash });
  return params !== null && !isCheaper(params);
}

export function isProjectId(text: string): boolean {
  return /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(text);
}
