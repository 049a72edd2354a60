import type { WriteBudget } from '../../../budgets/device-writes.ts';
import { bucketAt } from '../../../model/bucket.ts';
import type { Device } from '../../../model/entities.ts';
import type { TelemetryStore } from '../../contracts.ts';
import { assertOwned } from '../../owned.ts';
import { paths } from '../paths.ts';
import type { Scope } from '../request.ts';
import { Bucket } from './bucket.ts';
import { TelemetryReader } from './reader.ts';
import { TelemetryWriter } from './writer.ts';

/** Telemetry of one tenant. */
export function telemetryStore({ documents, meter, shared, tenant_id }: Scope): TelemetryStore {
  const { memory, queue, remember_points, promise_freshness } = shared;
  const kept = { remember: remember_points, promise: promise_freshness };
  const reader = new TelemetryReader({ documents, memory, meter, ...kept });
  const writer = new TelemetryWriter({ documents, memory, queue });
  const own = (device: Device): Device => {
    assertOwned(tenant_id, device);
    return device;
  };
  return {
    write: async (request) => {
      own(request.device);
      return writer.write(request);
    },
    scan: (device, range, options) => reader.scan(own(device), range, options),
    writeBudget: async (device, now_ms): Promise<WriteBudget | null> => {
      const { start_ms } = bucketAt(own(device).widths, now_ms);
      const document = await documents.get(paths.bucket(tenant_id, device.device_id, start_ms));
      return document === null ? null : Bucket.read(start_ms, document).budget;
    },
  };
}
