import { setTimeout as delay } from 'node:timers/promises';
import { allStores } from '../admin/access.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { Door } from '../http/route.ts';
import { stackOf } from '../observability/log.ts';
import type { Suite } from '../suite.ts';
import { readings, type Controller } from './controller.ts';
import type { Demo } from './file.ts';
import { BATCH_POINTS, storePast } from './history.ts';
import { knock, type Sender } from './knock.ts';
import { demoDevice } from './plan.ts';

export interface SimulationOptions {
  readonly demo: Demo;
  /** The function that takes points from devices. */
  readonly door: Door;
  readonly stopping: AbortSignal;
  /** What the buildings' clocks are ahead of UTC; this machine's by default. */
  readonly zone_ms?: number;
  /** How often a controller looks whether it has measured. */
  readonly look_ms?: number;
}

/** What a controller waits after it was refused, or not heard. */
const RETRY_MS = 30 * SECOND_MS;
/** Refused again and again it waits twice as long each time: the audit log has a line for each. */
const LONGEST_RETRY_MS = HOUR_MS;

/** What a controller waits after it was refused so many times running. */
export function retryAfter_ms(refusals: number): number {
  return Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** Math.max(0, refusals - 1));
}

/** A controller that is running: what it is, and what it posts as. */
interface Running {
  readonly controller: Controller;
  readonly sender: Sender;
}

/**
 * Lets the demo's devices post as real ones do until `stopping` is aborted: a week's past first, then a point each
 * interval. What is new goes through the front door, in this process: a revoked key, a disabled device, the budget, the
 * audit log and a move to Firestore are then what they are for anybody. Never rejects.
 */
export async function simulateDevices(suite: Suite, options: SimulationOptions): Promise<void> {
  const running = options.demo.tenants.flatMap(({ tenant_id, devices }) =>
    devices.flatMap(({ device_id, key }): Running[] => {
      const known = demoDevice(tenant_id, device_id);
      if (known === undefined) return [];
      const { kind, expected_interval_ms: interval_ms, outage } = known;
      return [{ controller: { device_id, kind, interval_ms, outage }, sender: { tenant_id, device_id, key } }];
    }),
  );
  await Promise.all(running.map((one) => run(suite, one, options)));
}

async function run(suite: Suite, one: Running, options: SimulationOptions): Promise<void> {
  const { stopping, zone_ms = standardZone_ms(), look_ms = SECOND_MS } = options;
  /** All that was measured until then has arrived. */
  let after_ms: number | null = null;
  let refusals = 0;
  while (!stopping.aborted) {
    let wait_ms = RETRY_MS;
    try {
      after_ms ??= await storeOwnPast(suite, one, { zone_ms, stopping });
      const until_ms = suite.clock.now_ms();
      const due = readings(one.controller, { after_ms, until_ms, limit: BATCH_POINTS, zone_ms });
      const welcome = due.length === 0 ? 'taken' : await knock(suite, options.door, one.sender, due);
      refusals = welcome === 'refused' ? refusals + 1 : 0;
      if (welcome === 'taken') after_ms = due.at(-1)?.timestamp_ms ?? after_ms;
      wait_ms = welcome === 'taken' ? look_ms : retryAfter_ms(refusals);
    } catch (error) {
      tell(suite, error, stopping);
    }
    await delay(wait_ms, null, { signal: stopping, ref: false }).catch(() => null);
  }
}

async function storeOwnPast(
  suite: Suite,
  { controller, sender }: Running,
  options: { readonly zone_ms: number; readonly stopping: AbortSignal },
): Promise<number> {
  const own = (await allStores(suite)).forTenant(sender.tenant_id);
  const now_ms = suite.clock.now_ms();
  const device = await own.devices.get(sender.device_id);
  return device === null ? now_ms : storePast(own, device, controller, { ...options, now_ms });
}

/** A store that is away is no news here: what is asked by others tells of it. */
function tell(suite: Suite, error: unknown, stopping: AbortSignal): void {
  if (stopping.aborted || error instanceof Problem) return;
  suite.logger.log('ERROR', 'a device of the demo does not post', { stack: stackOf(error) });
}

/** The same all year: with daylight saving an hour would come twice. */
function standardZone_ms(): number {
  return -new Date(2024, 0, 1).getTimezoneOffset() * MINUTE_MS;
}
