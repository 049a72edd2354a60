import { DEVICE_WRITES_PER_MINUTE } from '../budgets/device-writes.ts';
import { Problem } from '../errors.ts';
import type { Visit } from '../http/exchange.ts';
import type { Device } from '../model/entities.ts';
import type { Receipt } from '../model/write-plan.ts';
import type { TelemetryStore } from '../stores/contracts.ts';
import type { Admission } from './incoming.ts';

/**
 * Stores a request's good points in one commit and says what became of each: 200 with a receipt, 422 when nothing was
 * stored or already there, 429 when the device's budget for this minute is used up (then nothing was stored).
 */
export async function ingest(
  telemetry: TelemetryStore,
  device: Device,
  request: Admission & { readonly overwrite: boolean },
  { now_ms, meter }: Pick<Visit, 'now_ms' | 'meter'>,
): Promise<Receipt> {
  const { points, overwrite } = request;
  if (points.length === 0) throw nothingAccepted(request.rejected);
  const outcome = await telemetry.write({ device, points, overwrite, now_ms });
  if (outcome.kind === 'over_budget') throw overBudget(outcome, now_ms);
  meter.countPoints(outcome.receipt.accepted);
  const rejected = [...request.rejected, ...outcome.receipt.rejected].sort((a, b) => a.index - b.index);
  const receipt = { ...outcome.receipt, rejected };
  if (receipt.accepted === 0 && receipt.duplicates === 0) throw nothingAccepted(rejected);
  return receipt;
}

function nothingAccepted(rejected: Receipt['rejected']): Problem {
  return new Problem('nothing_accepted', 'Every point was refused; see rejected.', { members: { rejected } });
}

function overBudget(outcome: { used: number; reset_ms: number }, now_ms: number): Problem {
  const { used, reset_ms } = outcome;
  const detail = 'Collect points and send them together: a request holds up to 1,000.';
  return new Problem('device_write_budget', detail, {
    retry_after_s: Math.ceil((reset_ms - now_ms) / 1_000),
    members: { limit: DEVICE_WRITES_PER_MINUTE, used, reset_ms },
  });
}
