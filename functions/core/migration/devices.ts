import { storeUnavailable } from '../errors.ts';
import type { Device } from '../model/entities.ts';
import { inParallel } from '../resilience/parallel.ts';
import type { ImportStore } from '../stores/import.ts';

/** Devices that are registered side by side. */
const AT_ONCE = 8;

export interface Registration {
  readonly store: ImportStore;
  /** A box whose devices are the same ones, when the store is the Firestore that it moves to. */
  readonly box: ImportStore | null;
  readonly dry_run: boolean;
  /** Called for each that was not there. */
  readonly onNew: () => void;
}

/**
 * Registers the devices met, unless in a dry run, and answers each as it is stored, in the same order. What shares a
 * bucket follows from the device, so one that the box knows is registered as it is there: both stores must file a point
 * alike.
 */
export async function registerDevices(
  devices: readonly Device[],
  registration: Registration,
): Promise<readonly Device[]> {
  const stored: Device[] = [];
  await inParallel([...devices.entries()], AT_ONCE, async ([at, met]) => {
    stored[at] = await registered(met, registration);
  });
  return stored;
}

async function registered(met: Device, { store, box, dry_run, onNew }: Registration): Promise<Device> {
  const { tenant_id, device_id } = met;
  const known = await store.device(tenant_id, device_id);
  if (known !== null) return known;
  const wanted = { ...((await box?.device(tenant_id, device_id)) ?? met), keys: [] };
  if (dry_run || (await store.registerDevice(wanted))) {
    onNew();
    return wanted;
  }
  const first = await store.device(tenant_id, device_id);
  if (first === null) throw storeUnavailable(new Error(`${device_id} was registered and is not there`));
  return first;
}
