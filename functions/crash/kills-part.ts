import type { Row } from '../bench/report.ts';
import type { Findings } from './check.ts';
import { killBox, killMovingBox, type KillResult } from './kills.ts';
import type { CrashPart, CrashRun } from './part.ts';

const CONTROLLERS = 8;
/** Where less is acknowledged, a kill has nothing to lose. */
const POINTS_PER_KILL = 50;
const SHOWN = 5;

export const kills: CrashPart = {
  title: 'A box killed with -9 under load',
  async run(run) {
    const moving = Math.round((run.cycles * run.moving_percent) / 100);
    const alone = await killBox(optionsOf(run, 'alone', run.cycles - moving));
    const on_its_way = await killMovingBox(optionsOf(run, 'moving', moving));
    return [
      ...rowsOf('alone', alone, false),
      ...rowsOf('moving to Firestore', on_its_way, moving > 0),
      ...totals(run, alone, on_its_way),
    ];
  },
};

function optionsOf({ seed, emulator_host, signal, progress }: CrashRun, name: string, cycles: number) {
  const onCycle = (cycle: number, findings: Findings): void => {
    const { lost, doubled, wrong } = findings;
    progress(
      `${name}: ${cycle} of ${cycles} kills; ${lost.length} lost, ${doubled.length} doubled, ${wrong.length} wrong`,
    );
  };
  return { cycles, seed, controllers: CONTROLLERS, emulator_host, signal, onCycle };
}

function rowsOf(which: string, { cycles, starting, history, delivered }: KillResult, is_moving: boolean): Row[] {
  const { requests, resent, unknown, acknowledged } = history.count();
  return [
    { measure: `kills of a box, ${which}`, value: `${cycles}, and ${starting} more while it started` },
    { measure: `requests, ${which}`, value: String(requests) },
    { measure: `batches sent two or three times, ${which}`, value: String(resent) },
    { measure: `sendings whose outcome is unknown, ${which}`, value: String(unknown) },
    atLeast(`points acknowledged, ${which}`, acknowledged, cycles * POINTS_PER_KILL),
    ...(is_moving ? [atLeast('points compared with Firestore', delivered, 1)] : []),
  ];
}

function atLeast(measure: string, found: number, least: number): Row {
  return { measure, value: String(found), bar: `>= ${least}`, holds: found >= least };
}

function totals({ cycles }: CrashRun, ...results: readonly KillResult[]): Row[] {
  const done = results.reduce((sum, result) => sum + result.cycles, 0);
  const none = (measure: string, found: readonly string[]): Row => ({
    measure,
    value: [String(found.length), ...found.slice(0, SHOWN)].join('; '),
    bar: '0',
    holds: found.length === 0,
  });
  return [
    atLeast('kills', done, cycles),
    none(
      'acknowledged points or registrations lost',
      results.flatMap(({ findings }) => findings.lost),
    ),
    none(
      'points or events doubled',
      results.flatMap(({ findings }) => findings.doubled),
    ),
    none(
      'halves, strangers, broken files',
      results.flatMap(({ findings }) => findings.wrong),
    ),
    none(
      'answers that no fault explains',
      results.flatMap(({ history }) => history.strange),
    ),
  ];
}
