/** One process of several that write for one device as fast as they can; `processes.test.ts` tells it when. */
import { systemClock } from '../../clock.ts';
import { Problem } from '../../errors.ts';
import { Meter } from '../../observability/meter.ts';
import type { TelemetryStore, WriteOutcome } from '../contracts.ts';
import { aDevice, incoming } from '../suite/fixtures.ts';
import { openCloudHome } from './open.ts';

export interface WorkerOptions {
  readonly project_id: string;
  readonly emulator_host: string;
  /** Distinguishes its points from the others'. */
  readonly worker: number;
  /** This process's clock is off by so much. */
  readonly skew_ms: number;
  /** Loses the answer to every accepted write and sends the same points again. */
  readonly loses_answers: boolean;
}

/** Write so often at once, about this time. */
export interface Round {
  readonly now_ms: number;
  readonly writes: number;
}

export interface RoundReport {
  readonly accepted: number;
  readonly over_budget: number;
  readonly duplicates: number;
  readonly unavailable: number;
}

const [text = '{}'] = process.argv.slice(2);
const options = JSON.parse(text) as WorkerOptions;
const { backend } = openCloudHome({ ...options, cache: 'all', clock: systemClock });
const device = aDevice({ expected_interval_ms: 1_000 });

process.on('message', (round: Round) => {
  void play(round).then((report) => process.send?.(report));
});
process.on('disconnect', () => void backend.close());

async function play({ now_ms, writes }: Round): Promise<RoundReport> {
  const { telemetry } = backend.withMeter(new Meter()).forTenant(device.tenant_id);
  const outcomes = await Promise.all(
    Array.from({ length: writes }, async (_, n) => {
      const point_ms = now_ms + options.worker * 1_000 + n;
      const outcome = await write(telemetry, now_ms + options.skew_ms + n, point_ms);
      if (outcome !== 'accepted' || !options.loses_answers) return [outcome];
      return [outcome, await write(telemetry, now_ms + options.skew_ms + n, point_ms)];
    }),
  );
  const count = (wanted: keyof RoundReport) => outcomes.flat().filter((outcome) => outcome === wanted).length;
  return {
    accepted: count('accepted'),
    over_budget: count('over_budget'),
    duplicates: count('duplicates'),
    unavailable: count('unavailable'),
  };
}

async function write(telemetry: TelemetryStore, now_ms: number, point_ms: number): Promise<keyof RoundReport> {
  const points = incoming([point_ms, { worker: options.worker }]);
  try {
    return nameOf(await telemetry.write({ device, points, overwrite: false, now_ms }));
  } catch (error) {
    if (error instanceof Problem) return 'unavailable';
    throw error;
  }
}

function nameOf(outcome: WriteOutcome): keyof RoundReport {
  if (outcome.kind === 'over_budget') return 'over_budget';
  return outcome.receipt.duplicates > 0 ? 'duplicates' : 'accepted';
}
