import type { Suite } from '../suite.ts';
import { publish } from './claim.ts';
import { DEFAULT_RATE, Delivery } from './deliver.ts';
import { DeliveryLoop } from './delivery-loop.ts';

/** Starts to deliver what a box must, whenever it begins to move; null where there is nothing to deliver to. */
export async function startDelivery(suite: Suite, rate = DEFAULT_RATE): Promise<DeliveryLoop | null> {
  const { box } = await suite.home();
  if (box === null || box.cloud === null) return null;
  const { clock, ids, logger } = suite;
  const { journal, cloud } = box;
  const mirror = cloud.mirror(suite.usage.meter('delivery'));
  const claim = () => publish({ journal, mirror, clock, ids });
  const delivery = new Delivery({ journal, mirror, clock, holder: ids.uuid(), rate, claim });
  return new DeliveryLoop({ delivery, journal, clock, logger });
}
