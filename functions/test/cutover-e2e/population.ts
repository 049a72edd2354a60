/** Two tenants with people who look, and devices that report so often that their points lie in many buckets. */
import { SECOND_MS } from '@bas/core/clock';
import { readConfig } from '@bas/core/config';
import { silentLogger } from '@bas/core/observability/log';
import { createSuite } from '@bas/core/suite';
import { Seed, type SeededDevice, type SeededUser } from '../support/seed.ts';

const TENANTS = ['acme', 'globex'] as const;
const DEVICES_PER_TENANT = 20;
const USERS_PER_TENANT = 4;

export interface Population {
  readonly users: readonly SeededUser[];
  readonly devices: readonly SeededDevice[];
}

/** Puts them into the box's `file`. */
export async function populate(file: string): Promise<Population> {
  const suite = createSuite(readConfig({ SQLITE_FILE: file }), { logger: silentLogger });
  const seed = new Seed(suite);
  const users: SeededUser[] = [];
  const devices: SeededDevice[] = [];
  for (const tenant_id of TENANTS) {
    await seed.tenant(tenant_id);
    for (let at = 0; at < USERS_PER_TENANT; at += 1) users.push(await seed.user({ tenant_id }));
    for (let at = 0; at < DEVICES_PER_TENANT; at += 1) {
      devices.push(await seed.device({ tenant_id, expected_interval_ms: 5 * SECOND_MS }));
    }
  }
  await suite.close();
  return { users, devices };
}
