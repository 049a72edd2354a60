/** `npm run admin`: tenants, people and device keys, for whoever can open the data itself. */
import { issueKeys, revokeKey, type IssuedKey } from '@bas/core/admin/devices';
import { createTenant, listTenants, setTenantDisabled } from '@bas/core/admin/tenants';
import { checkedPassword, checkNewUser, createUser, findUser, resetPassword } from '@bas/core/admin/users';
import type { Config } from '@bas/core/config';
import { SetupError } from '@bas/core/errors';
import { SYSTEM_TENANT } from '@bas/core/model/names';
import { createPasswords } from '@bas/core/passwords/passwords';
import { createSuite, type Suite } from '@bas/core/suite';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import {
  deviceFrom,
  keyIdFrom,
  adminCommand,
  roleFrom,
  tenantFrom,
  usages,
  usernameFrom,
  type Verb,
} from './lib/admin-options.ts';
import { describeTenant } from './lib/admin-report.ts';
import { parseOptions, runCommand, type ExitCode } from './lib/cli.ts';
import { dataFolder, existingHome, homeConfig } from './lib/home.ts';
import { readNewPassword } from './lib/password.ts';
import { counted } from './lib/words.ts';
import { runVerb } from './lib/verbs.ts';

type Act = (args: readonly string[]) => Promise<void>;

const acts: Readonly<Record<Verb, Act>> = {
  'create-tenant': async (args) => {
    const options = parseOptions(usages['create-tenant'], args);
    if (options === null) return;
    const tenant_id = tenantFrom(options.tenant);
    const tenant = await on(homeConfig(dataFolder(options.data)), (suite) =>
      createTenant(suite, tenant_id, options.name),
    );
    say(options.json, tenant, `Created the tenant ${tenant_id}.`);
  },

  'create-user': async (args) => {
    const options = parseOptions(usages['create-user'], args);
    if (options === null) return;
    const wanted = {
      tenant_id: tenantFrom(options.tenant),
      username: usernameFrom(options.username),
      role: roleFrom(options.role),
    };
    // The first platform_admin brings the tenant `system`, so a box may begin with one.
    const home = wanted.tenant_id === SYSTEM_TENANT ? homeConfig : existingHome;
    const user = await on(home(dataFolder(options.data)), async (suite) => {
      await checkNewUser(suite, wanted);
      return createUser(suite, { ...wanted, password: await readNewPassword(wanted.username) });
    });
    const { user_id } = user;
    say(options.json, { ...wanted, user_id }, `Created the ${wanted.role} ${wanted.username} of ${wanted.tenant_id}.`);
  },

  'reset-password': async (args) => {
    const options = parseOptions(usages['reset-password'], args);
    if (options === null) return;
    const tenant_id = tenantFrom(options.tenant);
    const username = usernameFrom(options.username);
    await on(existingHome(dataFolder(options.data)), async (suite) => {
      const user = await findUser(suite, tenant_id, username);
      await resetPassword(suite, user, await readNewPassword(username));
    });
    say(options.json, { tenant_id, username }, `${username} of ${tenant_id} has a new password; all sessions ended.`);
  },

  'hash-password': async (args) => {
    const options = parseOptions(usages['hash-password'], args);
    if (options === null) return;
    const password = checkedPassword(await readNewPassword('the first administrator'));
    const { password_hash } = await createPasswords().hash(password);
    say(options.json, { password_hash }, password_hash);
  },

  'issue-keys': async (args) => {
    const options = parseOptions(usages['issue-keys'], args);
    if (options === null) return;
    const tenant_id = tenantFrom(options.tenant);
    const order = { tenant_id, device_ids: (options.device ?? []).map(deviceFrom), register: options.register };
    const issue = (): Promise<readonly IssuedKey[]> =>
      on(existingHome(dataFolder(options.data)), (suite) => issueKeys(suite, order));
    if (options.out === undefined) {
      const keys = await issue();
      say(
        options.json,
        { tenant_id, devices: keys },
        keys.map(({ device_id, key }) => `${device_id}  ${key}`).join('\n'),
      );
      return;
    }
    const keys = await intoNewFile(options.out, issue, (devices) => JSON.stringify({ tenant_id, devices }, null, 2));
    say(options.json, { tenant_id, out: options.out }, `Wrote ${counted(keys.length, 'key')} to ${options.out}.`);
  },

  'revoke-key': async (args) => {
    const options = parseOptions(usages['revoke-key'], args);
    if (options === null) return;
    const wanted = {
      tenant_id: tenantFrom(options.tenant),
      device_id: deviceFrom(options.device),
      key_id: keyIdFrom(options.key),
    };
    await on(existingHome(dataFolder(options.data)), (suite) => revokeKey(suite, wanted));
    say(options.json, wanted, `Revoked the key ${wanted.key_id} of ${wanted.device_id}.`);
  },

  list: async (args) => {
    const options = parseOptions(usages.list, args);
    if (options === null) return;
    const tenant_id = options.tenant === undefined ? undefined : tenantFrom(options.tenant);
    const tenants = await on(existingHome(dataFolder(options.data)), (suite) => listTenants(suite, tenant_id));
    say(options.json, { tenants }, tenants.length === 0 ? 'No tenants yet.' : tenants.map(describeTenant).join('\n'));
  },

  'disable-tenant': (args) => switchTenant('disable-tenant', args),
  'enable-tenant': (args) => switchTenant('enable-tenant', args),
};

async function switchTenant(verb: 'disable-tenant' | 'enable-tenant', args: readonly string[]): Promise<void> {
  const options = parseOptions(usages[verb], args);
  if (options === null) return;
  const tenant_id = tenantFrom(options.tenant);
  const disabled = verb === 'disable-tenant';
  const home = existingHome(dataFolder(options.data));
  const tenant = await on(home, (suite) => setTenantDisabled(suite, tenant_id, disabled));
  say(options.json, tenant, `The tenant ${tenant_id} is ${disabled ? 'disabled' : 'enabled'}.`);
}

async function on<T>(config: Config, work: (suite: Suite) => Promise<T>): Promise<T> {
  const suite = createSuite(config);
  try {
    return await work(suite);
  } finally {
    await suite.close();
  }
}

/** The file is there, empty and ours, before a key exists, so that no key is issued that cannot be kept. */
async function intoNewFile<T>(file: string, make: () => Promise<T>, format: (made: T) => string): Promise<T> {
  const handle = openNew(file);
  try {
    const made = await make();
    writeFileSync(handle, `${format(made)}\n`);
    return made;
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new SetupError(`${file} exists already: name a new file.`, { cause: error });
    }
    throw new SetupError(`${file} cannot be made: name a new file in a folder you may write to.`, { cause: error });
  }
}

function say(json: boolean, value: object, text: string): void {
  console.log(json ? JSON.stringify(value) : text);
}

async function main(line: readonly string[]): Promise<ExitCode> {
  return runVerb(adminCommand, line, async (verb, args) => {
    await acts[verb](args);
    return 0;
  });
}

await runCommand(main);
