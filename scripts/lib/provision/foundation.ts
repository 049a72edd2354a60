/** What everything else stands on: APIs, Firebase, the account that functions run as, and the database. */
import { SetupError } from '@bas/core/errors';
import { difference } from './compare.ts';
import { ENVIRONMENTS, type Declared, type Place } from './declared.ts';
import type { Google } from './google.ts';
import { grant, membersOf } from './grants.ts';
import { itemOf, type Item, type Step } from './steps.ts';

export function foundation(google: Google, place: Place, declared: Declared): readonly Step[] {
  return [
    { name: 'apis', look: () => apis(google, declared.services) },
    { name: 'firebase', look: () => firebaseProject(google) },
    { name: 'account', look: () => account(google, place, declared.accounts) },
    { name: 'role', look: () => customRole(google, declared.accounts) },
    { name: 'grants', look: () => grants(google, declared.accounts) },
    { name: 'database', look: () => database(google, place, declared.database) },
  ];
}

/** As e-mail: how policies and functions name it. */
export function accountEmail(google: Google, { account: { id } }: Declared['accounts']): string {
  return `${id}@${google.project}.iam.gserviceaccount.com`;
}

async function apis(google: Google, wanted: Declared['services']): Promise<readonly Item[]> {
  const parent = `v1/projects/${google.project}/services`;
  const on = await google.list('serviceusage', `${parent}?filter=state:ENABLED&pageSize=200`, 'services');
  const names = new Set(on.map(({ name }) => String(name).split('/').at(-1)));
  const missing = wanted.filter((name) => !names.has(name));
  // One call switches all of them on; it stands with the first.
  const enable = (): Promise<unknown> => google.gcloud(['services', 'enable', ...missing]);
  return wanted.map((name) => ({
    subject: `api ${name}`,
    sign: names.has(name) ? '=' : '+',
    apply: name === missing[0] ? enable : undefined,
  }));
}

async function firebaseProject(google: Google): Promise<readonly Item[]> {
  const path = `v1beta1/projects/${google.project}`;
  const found = await google.read('firebase', path);
  const create = () => addFirebase(google, path);
  return [itemOf('firebase project', { there: found !== null }, { create })];
}

const TERMS =
  'Who never used Firebase has to accept its terms first, signed in as in gcloud: https://console.firebase.google.com/?forceCheckTos=true.';

/** Terms that are not accepted look like a missing role. */
async function addFirebase(google: Google, path: string): Promise<void> {
  try {
    await google.finished('firebase', 'v1beta1', `${path}:addFirebase`);
  } catch (error) {
    if (!(error instanceof SetupError) || !error.message.includes('answered 403')) throw error;
    throw new SetupError(`${error.message} ${TERMS}`, { cause: error });
  }
}

async function account(google: Google, { env }: Place, accounts: Declared['accounts']): Promise<readonly Item[]> {
  const { id, displayName } = accounts.account;
  const found = await google.list('iam', `v1/projects/${google.project}/serviceAccounts?pageSize=100`, 'accounts');
  const ids = found.map(({ email }) => String(email).split('@')[0]);
  const other = ENVIRONMENTS.find((one) => one !== env && ids.includes(id.replace(env, one)));
  if (other !== undefined) {
    throw new SetupError(`${google.project} is the project of ${other}; an environment has a project of its own.`);
  }
  const create = (): Promise<unknown> =>
    google.gcloud(['iam', 'service-accounts', 'create', id, `--display-name=${displayName}`]);
  return [itemOf(`account ${id}`, { there: ids.includes(id) }, { create })];
}

async function customRole(google: Google, { customRole: role }: Declared['accounts']): Promise<readonly Item[]> {
  const subject = `role ${role.id}`;
  const found = await google.read('iam', `v1/projects/${google.project}/roles/${role.id}`);
  if (found?.['deleted'] === true) {
    const command = `gcloud iam roles undelete ${role.id} --project=${google.project}`;
    return [{ subject, sign: '!', detail: `deleted; run ${command}, then this again` }];
  }
  const settings = [
    `--title=${role.title}`,
    `--description=${role.description}`,
    `--stage=${role.stage}`,
    `--permissions=${role.includedPermissions.join(',')}`,
  ];
  const save = (verb: 'create' | 'update') => () => google.gcloud(['iam', 'roles', verb, role.id, ...settings]);
  const { title, description, stage, includedPermissions } = role;
  const differs = found === null ? null : difference({ title, description, stage, includedPermissions }, found);
  return [itemOf(subject, { there: found !== null, differs }, { create: save('create'), change: save('update') })];
}

async function grants(google: Google, accounts: Declared['accounts']): Promise<readonly Item[]> {
  const member = `serviceAccount:${accountEmail(google, accounts)}`;
  const path = `v1/projects/${google.project}:getIamPolicy`;
  const policy = await google.read('cloudresourcemanager', path, {
    body: { options: { requestedPolicyVersion: 3 } },
  });
  const held = membersOf(policy);
  const wanted = accounts.projectRoles.map((role) =>
    itemOf(
      `grant ${role}`,
      { there: held.some((one) => one.role === role && one.member === member && one.condition === null) },
      { create: () => grant(google, ['projects', 'add-iam-policy-binding', google.project], member, role) },
    ),
  );
  const wider = held.filter((one) => one.member === member && !accounts.projectRoles.includes(one.role));
  const detail = 'nobody declared it; take it away, or declare it in infra/accounts.json';
  return [...wanted, ...wider.map(({ role }): Item => ({ subject: `grant ${role}`, sign: '!', detail }))];
}

async function database(google: Google, { env }: Place, declared: Declared['database']): Promise<readonly Item[]> {
  const subject = 'database (default)';
  const { locationId } = declared;
  const found = await google.read('firestore', `v1/projects/${google.project}/databases/(default)`);
  // A protection that somebody added is never taken away here.
  const { deleteProtection, pointInTimeRecovery } = declared[env];
  const flags = [
    ...(deleteProtection ? ['--delete-protection'] : []),
    ...(pointInTimeRecovery ? ['--enable-pitr'] : []),
  ];
  const run = (...words: string[]) => google.gcloud(['firestore', 'databases', ...words, '--database=(default)']);
  const create = () => run('create', `--location=${locationId}`, '--type=firestore-native', ...flags);
  const fixed = difference({ locationId, type: 'FIRESTORE_NATIVE' }, found);
  if (found !== null && fixed !== null) return [{ subject, sign: '!', detail: `${fixed}; this cannot be changed` }];
  const protection = {
    ...(deleteProtection ? { deleteProtectionState: 'DELETE_PROTECTION_ENABLED' } : {}),
    ...(pointInTimeRecovery ? { pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_ENABLED' } : {}),
  };
  const differs = found === null ? null : difference(protection, found);
  return [itemOf(subject, { there: found !== null, differs }, { create, change: () => run('update', ...flags) })];
}
