/** A store with one of each, put there by this process, for functions that run in processes of their own. */
import { readConfig } from '@bas/core/config';
import { silentLogger } from '@bas/core/observability/log';
import { createSuite, type Suite } from '@bas/core/suite';
import type { Env } from './command.ts';
import { Seed, type SeededDevice, type SeededUser } from './seed.ts';

export interface Inhabited {
  readonly suite: Suite;
  readonly seed: Seed;
  readonly admin: SeededUser;
  /** Administrator of the platform itself. */
  readonly platform: SeededUser;
  readonly device: SeededDevice;
}

/** `env` is what the functions will be started with. */
export async function inhabit(env: Env): Promise<Inhabited> {
  const suite = createSuite(readConfig(env), { logger: silentLogger });
  const seed = new Seed(suite);
  await seed.tenant('acme');
  await seed.tenant('system');
  const admin = await seed.user({ tenant_id: 'acme', role: 'admin' });
  const platform = await seed.user({ tenant_id: 'system', role: 'platform_admin' });
  const device = await seed.device({ tenant_id: 'acme', expected_interval_ms: 60_000 });
  return { suite, seed, admin, platform, device };
}
