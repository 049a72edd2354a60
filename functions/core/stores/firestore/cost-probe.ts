/** Counts what one instance asks the emulator for, at a time the test sets. */
import { MINUTE_MS, SECOND_MS } from '../../clock.ts';
import type { ReadCache } from '../../config.ts';
import type { Device } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import type { IncomingPoint } from '../../model/write-plan.ts';
import { Meter } from '../../observability/meter.ts';
import type { Backend, Stores } from '../contracts.ts';
import { aDevice, incoming } from '../suite/fixtures.ts';
import type { StoreHarness } from '../suite/harness.ts';
import { openFirestoreHarness } from './harness.ts';

export const START_MS = Date.UTC(2026, 2, 17, 8, 20);
/** Ten-second device: buckets of one hour. */
export const device = aDevice({ expected_interval_ms: 10 * SECOND_MS });

export interface Cost {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
}

export const cost = (reads: number, writes: number, deletes = 0): Cost => ({ reads, writes, deletes });

export class CostProbe {
  now_ms = START_MS;
  #harness: StoreHarness | undefined;
  #instance: Backend | undefined;

  constructor(cache: ReadCache = 'all') {
    before(async () => {
      this.#harness = await openFirestoreHarness({ cache, clock: { now_ms: () => this.now_ms } });
    });
    beforeEach(async () => {
      this.now_ms = START_MS;
      await this.harness.reset();
      this.#instance = undefined;
    });
    after(() => this.#harness?.close());
  }

  get harness(): StoreHarness {
    if (this.#harness === undefined) throw new Error('The store is open only while its tests run.');
    return this.#harness;
  }

  /** From here on another instance is asked, which remembers nothing yet. */
  async useOther(): Promise<void> {
    this.#instance = await this.harness.second();
  }

  async metered<T>(work: (stores: Stores) => Promise<T>, backend = this.#instance ?? this.harness.backend) {
    const meter = new Meter();
    const result = await work(backend.withMeter(meter));
    const { reads, writes, deletes } = meter;
    return { result, meter, cost: { reads, writes, deletes } satisfies Cost };
  }

  write(points: readonly IncomingPoint[], backend?: Backend) {
    const { now_ms } = this;
    return this.metered(
      (stores) => stores.forTenant(device.tenant_id).telemetry.write({ device, points, overwrite: false, now_ms }),
      backend,
    );
  }

  recent(limit = 100, of: Device = device) {
    const { now_ms } = this;
    return this.metered(async (stores) => {
      const points: Point[] = [];
      const range = { start_ms: 0, end_ms: now_ms + 5 * MINUTE_MS };
      const scan = stores.forTenant(of.tenant_id).telemetry.scan(of, range, { expected: limit, now_ms });
      for await (const chunk of scan) {
        points.push(...chunk);
        if (points.length >= limit) break;
      }
      return points.slice(0, limit);
    });
  }

  /** One point, so long after now. */
  at(offset_ms: number): IncomingPoint[] {
    return incoming([this.now_ms + offset_ms, { offset_ms }]);
  }
}
