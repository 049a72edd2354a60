/** `npm run slo`: whether the service keeps what it promises. */
import { DAY_MS, HOUR_MS, MINUTE_MS, systemClock } from '@bas/core/clock';
import { NoCredentials } from '@bas/core/observability/monitoring-failure';
import { judge } from '@bas/core/observability/service-levels';
import { existsSync } from 'node:fs';
import { runCommand, tellError, type ExitCode } from './lib/cli.ts';
import { dataFolder } from './lib/home.ts';
import { sqliteFileIn } from './lib/paths.ts';
import { openCloud } from './lib/slo/cloud.ts';
import { openLocal } from './lib/slo/local.ts';
import { parseSloOptions, type SloOptions } from './lib/slo/options.ts';
import { reportOf, weeklyReport } from './lib/slo/report.ts';
import type { Source } from './lib/slo/source.ts';
import { measureWeek } from './lib/slo/week.ts';

/** A broken promise is exit 1, so that a program can tell it from not knowing. */
const NOT_MEASURED = 3;

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseSloOptions(args);
  if (options === null) return 0;
  try {
    return await tell(options);
  } catch (error) {
    tellError(error);
    return NOT_MEASURED;
  }
}

async function tell(options: SloOptions): Promise<ExitCode> {
  const { data, project, endpoint } = options;
  const local = () => openLocal(data);
  if (project === undefined) return tellFrom(local, options);
  try {
    return await tellFrom(() => openCloud(project, endpoint), options);
  } catch (error) {
    const file = sqliteFileIn(dataFolder(data));
    if (!(error instanceof NoCredentials) || !existsSync(file)) throw error;
    console.error(`${error.message} What follows was counted in ${file}.`);
    return tellFrom(local, options);
  }
}

async function tellFrom(open: () => Promise<Source>, options: SloOptions): Promise<ExitCode> {
  const source = await open();
  try {
    const now_ms = systemClock.now_ms();
    return await (options.weekly ? tellWeek(source, now_ms) : tellWindow(source, options, now_ms));
  } finally {
    await source.close();
  }
}

async function tellWindow(source: Source, { window, window_ms, json }: SloOptions, now_ms: number): Promise<ExitCode> {
  // Beyond two days a box knows whole hours alone.
  const from_ms = floorTo(window_ms > 2 * DAY_MS ? HOUR_MS : MINUTE_MS, now_ms - window_ms);
  const [measured] = await source.measure({ from_ms, to_ms: now_ms, step_ms: now_ms - from_ms });
  if (measured === undefined) throw new Error('A stretch of one step was measured as none.');
  const judged = judge(measured);
  const about = `The last ${window}, to ${new Date(now_ms).toISOString().slice(0, 16).replace('T', ' ')} UTC, from ${source.name}`;
  const facts = { source: source.name, from_ms, to_ms: now_ms, ...judged };
  console.log(json ? JSON.stringify(facts) : reportOf(judged, about));
  return judged.breached.length === 0 ? 0 : 1;
}

async function tellWeek(source: Source, now_ms: number): Promise<ExitCode> {
  const week = await measureWeek(source, now_ms);
  console.log(weeklyReport(week));
  return week.whole.breached.length === 0 ? 0 : 1;
}

function floorTo(unit_ms: number, time_ms: number): number {
  return time_ms - (time_ms % unit_ms);
}

await runCommand(main);
