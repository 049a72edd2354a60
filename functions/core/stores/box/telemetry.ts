import type { Device } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import { oldestKept_ms } from '../../model/retention.ts';
import type { Meter } from '../../observability/meter.ts';
import type { ScanOptions, TelemetryStore, TimeRange } from '../contracts.ts';
import type { Journal, ReadPlan } from '../journal.ts';
import { MAX_POINTS, type NewestPoints } from '../newest-points.ts';
import { assertOwned } from '../owned.ts';
import { mirroredScan } from './mirrored-scan.ts';
import type { RoutedReads } from './routed.ts';

const FOREVER_MS = Number.MAX_SAFE_INTEGER;

export interface TelemetryRouting {
  readonly tenant_id: string;
  readonly journal: Journal;
  readonly sqlite: TelemetryStore;
  readonly firestore: TelemetryStore;
  readonly reads: RoutedReads;
  readonly meter: Meter;
  /** Shared by the requests of this process: what was read stays known while nothing new was stored. */
  readonly memory: NewestPoints<string>;
}

/** Writes go to SQLite, which decides everything; reads go where the flags say, and never miss what SQLite has. */
export function boxTelemetry(routing: TelemetryRouting): TelemetryStore {
  const { tenant_id, journal, sqlite, memory } = routing;

  async function* scan(device: Device, range: TimeRange, options: ScanOptions): AsyncGenerator<readonly Point[]> {
    assertOwned(tenant_id, device);
    const asksNewest = range.end_ms > options.now_ms && options.expected <= MAX_POINTS;
    const plan = await journal.plan(device, asksNewest ? { ...range, end_ms: FOREVER_MS } : range);
    if (plan.flags.telemetry !== 'firestore') {
      yield* sqlite.scan(device, range, options);
      return;
    }
    let { end_ms } = range;
    if (asksNewest) {
      const newest = await look(device, range.start_ms, options, plan);
      const within = newest.filter(({ timestamp_ms }) => timestamp_ms < range.end_ms);
      if (within.length > 0) yield within;
      const oldest = newest.at(-1);
      if (oldest === undefined || newest.length < options.expected) return;
      end_ms = Math.min(end_ms, oldest.timestamp_ms);
    }
    yield* mirroredScan(routing, device, { ...range, end_ms }, options, plan.dirty);
  }

  /** The newest points there are: from memory while its stamp holds, so that looking again costs nothing. */
  async function look(
    device: Device,
    from_ms: number,
    options: ScanOptions,
    { dirty, stamp }: ReadPlan,
  ): Promise<readonly Point[]> {
    const { expected, now_ms } = options;
    const key = `${device.tenant_id} ${device.device_id}`;
    const start_ms = Math.max(from_ms, oldestKept_ms(now_ms));
    const known = memory.recall(key, start_ms, FOREVER_MS, expected, stamp);
    if (known !== null) return known;
    const points: Point[] = [];
    for await (const chunk of mirroredScan(routing, device, { start_ms, end_ms: FOREVER_MS }, options, dirty)) {
      points.push(...chunk);
      if (points.length >= expected) break;
    }
    const newest = points.slice(0, expected);
    memory.remember(key, start_ms, expected, newest, stamp);
    return newest;
  }

  return {
    write: (request) => sqlite.write(request),
    writeBudget: (device, now_ms) => sqlite.writeBudget(device, now_ms),
    scan,
  };
}
