import type { Device } from '../model/entities.ts';
import { bucketUnit, remainderUnit } from './bucket-unit.ts';
import type { TelemetryOptions } from './point-table.ts';
import type { ReadUnit } from './reader/messages.ts';
import type { PointReader } from './reader/point-reader.ts';
import { emptyTally } from './tally.ts';
import type { Source, Unit } from './unit.ts';

/** Points of the asked time in whole buckets, in the order in which their time ends: devices take turns. */
export async function telemetrySource(
  reader: PointReader,
  options: TelemetryOptions,
  register: (met: readonly Device[]) => Promise<readonly Device[]>,
): Promise<Source> {
  const devices = await register(await reader.survey(options));
  return {
    devices: devices.length,
    rows: await reader.plan(options, devices),
    async *units() {
      for await (const read of reader.units()) yield unitOf(read, devices);
    },
  };
}

function unitOf(read: ReadUnit, devices: readonly Device[]): Unit {
  if ('rest' in read) return remainderUnit(read.rest);
  const { device: place, start_ms, end_ms, times_ms, metrics } = read;
  const device = devices[place];
  if (device === undefined) throw new Error(`A bucket was read of device ${place} of ${devices.length}`);
  const points = metrics.map((text, index) => ({ index, timestamp_ms: times_ms[index] ?? Number.NaN, metrics: text }));
  return bucketUnit({ device, start_ms, end_ms, points }, { ...emptyTally(), rows: points.length });
}
