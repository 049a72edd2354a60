/** `npm run replay`: posts the measurements of a CSV file as a device would. */
import { systemClock } from '@bas/core/clock';
import { DevicePoster, type DeviceTarget } from '@bas/core/replay/post';
import { emptyTally, replay, type Plan, type Tally } from '@bas/core/replay/replay';
import { offsetFor, type Shift } from '@bas/core/replay/shift';
import { readLayout } from '@bas/core/replay/layout';
import { pointsOf, survey, type TablePoint } from '@bas/core/replay/table';
import { setTimeout as delay } from 'node:timers/promises';
import { parseOptions, runCommand, UsageError, wholeOption, type ExitCode, type Values } from './lib/cli.ts';
import { csvRows } from './lib/csv.ts';
import { demoFolders } from './lib/home.ts';
import { Progress } from './lib/progress.ts';
import { mapping, summary } from './lib/replay-report.ts';
import { counted } from './lib/words.ts';
import { findTarget } from './lib/replay-target.ts';
import { stopSignal } from './lib/stop-signal.ts';

const usage = {
  command: 'npm run replay --',
  summary: 'Posts the rows of a CSV file as a device would: titles become metrics, and the time column is found.',
  options: {
    csv: { type: 'string', hint: 'FILE', help: 'The file; its first row holds the titles' },
    device: { type: 'string', hint: 'ID', help: 'The device that posts' },
    tenant: { type: 'string', hint: 'ID', help: 'Its tenant; found by itself for a device of the demo' },
    url: { type: 'string', hint: 'URL', help: 'The service; that of the demo when left out' },
    data: { type: 'string', hint: 'DIR', help: 'Folder of demo.json (default data/demo, then data)' },
    speed: { type: 'string', hint: 'X', help: 'Post in real time, X times as fast as it was measured' },
    batch: { type: 'string', default: '1000', hint: 'N', help: 'Points a request, 1 to 1,000' },
    'shift-to-now': { type: 'boolean', default: false, help: 'Move all times by one offset so that the newest is now' },
    'shift-ms': { type: 'string', hint: 'MS', help: 'Move all times by this offset, as an earlier run did' },
    skip: { type: 'string', default: '0', hint: 'N', help: 'Leave the first N points out: an earlier run sent them' },
    'time-column': { type: 'string', hint: 'TITLE', help: 'The column of the times, if it is not found by itself' },
    'text-column': {
      type: 'string',
      multiple: true,
      hint: 'TITLE',
      help: 'A column to store as text; may be repeated',
    },
    delimiter: { type: 'string', default: ',', hint: 'C', help: "What separates the columns; '\\t' for a tab" },
    json: { type: 'boolean', default: false, help: 'Print the summary as JSON' },
  },
  notes: [
    'The device key is read from BAS_DEVICE_KEY, else from DIR/demo.json. A device may post five requests a minute, and',
    'replay waits as long as the service says. Sending the same points again is safe: they are counted as duplicates.',
    'A column is numbers, true/false or text as a whole: what does not fit is refused by its line before anything is sent.',
  ],
} as const;

type ReplayOptions = Values<typeof usage.options>;

interface Command extends Omit<Plan, 'offset_ms'> {
  readonly csv: string;
  readonly device: string;
  readonly shift: Shift;
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(usage, args);
  if (options === null) return 0;
  const command = readCommand(options);
  const { url, tenant } = options;
  const target = await findTarget({
    url,
    tenant,
    device: command.device,
    folders: demoFolders(options.data),
    env: process.env,
  });
  const delimiter = options.delimiter === String.raw`\t` ? '\t' : options.delimiter;
  const rows = csvRows(command.csv, delimiter);
  const columns = { time_column: options['time-column'], text_columns: options['text-column'] };
  const found = await survey(rows, await readLayout(rows, columns), { decimal_comma: delimiter !== ',' });
  const plan: Plan = { ...command, offset_ms: offsetFor(command.shift, found, systemClock.now_ms()) };
  if (!options.json) console.log(mapping(found));
  const tally = emptyTally(plan.skip);
  const stopping = stopSignal();
  try {
    await send(pointsOf(rows, found), target, { plan, tally, stopping, total: found.points });
  } catch (error) {
    if (tally.next > 0) {
      console.error(
        `Stopped after ${tally.next} of ${counted(found.points, 'point')}. Go on with: ${goOn(args, plan, tally)}`,
      );
    }
    if (stopping.aborted) return 130;
    throw error;
  }
  const { offset_ms } = plan;
  console.log(options.json ? JSON.stringify({ ...found, offset_ms, ...tally }) : summary(found, plan, tally));
  return tally.rejected === 0 ? 0 : 1;
}

interface Run {
  readonly plan: Plan;
  readonly tally: Tally;
  readonly stopping: AbortSignal;
  readonly total: number;
}

async function send(points: AsyncIterable<TablePoint>, target: DeviceTarget, run: Run): Promise<void> {
  const { plan, tally, stopping, total } = run;
  const progress = new Progress(total, plan.skip);
  const sleep = async (ms: number, why: string): Promise<void> => {
    progress.wait(ms, why);
    await delay(ms, undefined, { signal: stopping }).finally(() => progress.resume());
  };
  const onProgress = ({ next }: Tally): void => {
    progress.show(next);
    stopping.throwIfAborted();
  };
  try {
    await replay(points, new DevicePoster(target, sleep), plan, tally, { clock: systemClock, sleep, onProgress });
  } finally {
    progress.end();
  }
}

function readCommand(options: ReplayOptions): Command {
  const { csv, device, speed } = options;
  if (csv === undefined) throw new UsageError('--csv is missing: which file?');
  if (device === undefined) throw new UsageError('--device is missing: which device posts?');
  if (options['shift-to-now'] && options['shift-ms'] !== undefined) {
    throw new UsageError('--shift-to-now and --shift-ms exclude each other: give one.');
  }
  return {
    csv,
    device,
    shift: options['shift-to-now'] ? 'now' : readOffset(options['shift-ms']),
    skip: wholeOption('skip', options.skip, 0, Number.MAX_SAFE_INTEGER),
    batch: wholeOption('batch', options.batch, 1, 1_000),
    speed: speed === undefined ? undefined : readSpeed(speed),
  };
}

function readOffset(text: string | undefined): Shift {
  if (text === undefined) return 'none';
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--shift-ms must be a whole number of milliseconds, not ${JSON.stringify(text)}.`);
}

function readSpeed(text: string): number {
  const speed = Number(text);
  if (text.trim() !== '' && speed > 0 && speed <= 1_000_000) return speed;
  throw new UsageError(`--speed must be a number above 0, such as 1 or 60, not ${JSON.stringify(text)}.`);
}

/** The same command with what is known now: resent points would be duplicates, a new offset would not. */
function goOn(args: readonly string[], { offset_ms }: Plan, { next }: Tally): string {
  const dropped = /^--(shift-to-now|shift-ms|skip)(=|$)/;
  const kept = args.filter((arg, at) => !dropped.test(arg) && !/^--(shift-ms|skip)$/.test(args[at - 1] ?? ''));
  const quoted = kept.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`));
  return [usage.command, ...quoted, `--shift-ms=${offset_ms}`, `--skip=${next}`].join(' ');
}

await runCommand(main);
