import { allStores } from '../admin/access.ts';
import { registerDevice } from '../admin/devices.ts';
import { addUser, type NewUser } from '../admin/users.ts';
import { SetupError } from '../errors.ts';
import { sha256 } from '../ids.ts';
import type { DeviceKey } from '../model/entities.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import type { Suite } from '../suite.ts';
import { claimDemo, readDemo, replaceDemo, type Demo } from './file.ts';
import { demoDevice, planDemo } from './plan.ts';

/**
 * Puts the demo into the store. The file is written first and is what is to be: a start that was cut short goes on with
 * the same passwords, and a second one finds nothing left to do.
 */
export async function seedDemo(suite: Suite, { base_url, file }: { base_url: string; file: string }): Promise<Demo> {
  const kept = (await readDemo(file)) ?? (await firstDemo(suite, base_url, file));
  const demo = { ...kept, base_url };
  if (kept.base_url !== base_url) await replaceDemo(file, demo);
  const { platform_admin, tenants } = demo;
  await Promise.all([platform_admin, ...tenants].map(({ tenant_id }) => ensureTenant(suite, tenant_id)));
  await Promise.all([
    ensureUser(suite, { ...platform_admin, role: 'platform_admin' }),
    ...tenants.flatMap(({ tenant_id, users }) => users.map((user) => ensureUser(suite, { ...user, tenant_id }))),
    ...tenants.flatMap(({ tenant_id, devices }) => devices.map((it) => ensureDevice(suite, { ...it, tenant_id }))),
  ]);
  return demo;
}

/** Names that are taken belong to somebody whose passwords are not ours to set. */
async function firstDemo(suite: Suite, base_url: string, file: string): Promise<Demo> {
  const plan = planDemo(suite.ids, base_url);
  const stores = await allStores(suite);
  for (const { tenant_id } of plan.tenants) {
    if ((await stores.tenants.get(tenant_id)) === null) continue;
    throw new SetupError(
      `The tenant ${tenant_id} exists but ${file} does not: start without --demo, or in another folder.`,
    );
  }
  const { username } = plan.platform_admin;
  if ((await stores.forTenant(SYSTEM_TENANT).users.findByUsername(username)) !== null) {
    throw new SetupError(`The user ${username} of ${SYSTEM_TENANT} exists but ${file} does not: start without --demo.`);
  }
  return claimDemo(file, plan);
}

async function ensureTenant(suite: Suite, tenant_id: string): Promise<void> {
  const name = tenant_id === SYSTEM_TENANT ? 'Platform' : tenant_id.charAt(0).toUpperCase() + tenant_id.slice(1);
  const { tenants } = await allStores(suite);
  if ((await tenants.get(tenant_id)) !== null) return;
  await tenants.create({ tenant_id, name, disabled: false, created_ms: suite.clock.now_ms() });
}

async function ensureUser(suite: Suite, user: NewUser): Promise<void> {
  const { users } = (await allStores(suite)).forTenant(user.tenant_id);
  if ((await users.findByUsername(user.username)) === null) await addUser(suite, user);
}

async function ensureDevice(
  suite: Suite,
  wanted: { tenant_id: string; device_id: string; key: string },
): Promise<void> {
  const { tenant_id, device_id } = wanted;
  const own = (await allStores(suite)).forTenant(tenant_id);
  const key = storedKey(suite, wanted);
  await registerDevice(suite, own, { device_id, key, ...demoDevice(tenant_id, device_id) });
}

/** `bas_<key id>_<secret>`, as a store keeps it. */
function storedKey(suite: Suite, wanted: { tenant_id: string; device_id: string; key: string }): DeviceKey {
  const { tenant_id, device_id, key } = wanted;
  const [, key_id = '', ...secret] = key.split('_');
  const created_ms = suite.clock.now_ms();
  return { key_id, tenant_id, device_id, secret_sha256: sha256(secret.join('_')), created_ms, revoked_ms: null };
}
