import assert from 'node:assert/strict';
import type { Device } from '../../model/entities.ts';
import type { IncomingPoint, Receipt } from '../../model/write-plan.ts';
import type { Stores } from '../contracts.ts';
import { NOW_MS, aDevice } from './fixtures.ts';

export const device = aDevice();

interface Options {
  readonly device?: Device;
  readonly overwrite?: boolean;
  readonly now_ms?: number;
}

/** Writes within the budget and answers the receipt. */
export async function write(stores: Stores, points: readonly IncomingPoint[], options: Options = {}): Promise<Receipt> {
  const request = { device, points, overwrite: false, now_ms: NOW_MS, ...options };
  const outcome = await stores.forTenant(request.device.tenant_id).telemetry.write(request);
  assert(outcome.kind === 'done', 'the write budget was used up');
  return outcome.receipt;
}

export const stored = (accepted: number): Receipt => ({ accepted, duplicates: 0, rejected: [] });

/** Which points were rejected, and why. */
export function codes(receipt: Receipt): readonly (readonly [number, string])[] {
  return receipt.rejected.map(({ index, code }) => [index, code]);
}
