/** `npm run cutover`: moves a box from SQLite to Firestore step by step, and back. */
import { advance } from '@bas/core/cutover/advance';
import type { Comparison } from '@bas/core/cutover/comparison';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { finalize, unready } from '@bas/core/cutover/finalize';
import { boxParts, type BoxParts } from '@bas/core/cutover/parts';
import { prove, WAITING_MS, type ProveOptions } from '@bas/core/cutover/proving';
import { moveRefused } from '@bas/core/cutover/refused';
import { repair } from '@bas/core/cutover/repair';
import { rollback } from '@bas/core/cutover/rollback';
import { status } from '@bas/core/cutover/status';
import { Problem, SetupError } from '@bas/core/errors';
import { streamLogger } from '@bas/core/serve/log';
import { createSuite } from '@bas/core/suite';
import { parseOptions, parseWithOperand, runCommand, tellError, type ExitCode } from './lib/cli.ts';
import { CompareProgress, describeComparison, describeRepair, tellWaiting } from './lib/cutover-compare.ts';
import {
  advanceOptions,
  backTo,
  compareOptions,
  cutoverCommand,
  reasonFrom,
  usages,
  type Verb,
} from './lib/cutover-options.ts';
import { describeStatus, describeStep, FINALIZE_PLAN } from './lib/cutover-report.ts';
import { waitingFor } from './lib/cutover-waiting.ts';
import { dataFolder, existingHome } from './lib/home.ts';
import { runVerb } from './lib/verbs.ts';

/** A difference found is exit 1, so that a program can tell it from not knowing. */
const NOT_COMPARED = 3;

type Act = (args: readonly string[]) => Promise<ExitCode>;

const acts: Readonly<Record<Verb, Act>> = {
  status: async (args) => {
    const options = parseOptions(usages.status, args);
    if (options === null) return 0;
    const found = await onBox(options.data, status);
    return say(options.json, found, describeStatus(found));
  },

  advance: async (args) => {
    const asked = parseWithOperand(usages.advance, args);
    if (asked === null) return 0;
    const { operand: concern, options } = asked;
    const step = await onBoxMove('advance', options.data, (parts) => {
      const wanted = advanceOptions(options, concern, parts.journal.flags(), parts.clock.now_ms());
      return advance(parts, concern, BY_COMMAND, { ...wanted, onWait: tellWaiting });
    });
    return say(options.json, { concern, ...step }, describeStep(concern, step.from, step.to));
  },

  rollback: async (args) => {
    const asked = parseWithOperand(usages.rollback, args);
    if (asked === null) return 0;
    const { operand: concern, options } = asked;
    const [reason, to] = [reasonFrom(options.reason), backTo(concern, options.to)];
    const step = await onBoxMove('rollback', options.data, (parts) => rollback(parts, concern, BY_COMMAND, reason, to));
    return say(options.json, { concern, ...step }, describeStep(concern, step.from, step.to));
  },

  compare: async (args) => {
    const options = parseOptions(usages.compare, args);
    if (options === null) return 0;
    const wanted = compareOptions(options);
    try {
      return await onBox(options.data, async (parts) => {
        const comparison = await compareWithProgress(parts, wanted);
        if (comparison === null) return 130;
        const { differing, next } = comparison;
        const repaired = options.repair ? await repair(parts, BY_COMMAND, differing) : null;
        const lines = [describeComparison(comparison), ...describeRepair(repaired, comparison)];
        say(options.json, { ...comparison, repaired: repaired ?? 0 }, lines.join('\n'));
        if (next !== null) return 130;
        return differing.length === 0 ? 0 : 1;
      });
    } catch (error) {
      tellError(error);
      return NOT_COMPARED;
    }
  },

  finalize: async (args) => {
    const options = parseOptions(usages.finalize, args);
    if (options === null) return 0;
    return onBox(options.data, async (parts) => {
      if (!options.yes) {
        if (!options.json) console.log(FINALIZE_PLAN);
        const reasons = unready(await parts.journal.state(), parts.clock.now_ms());
        throw moveRefused([...reasons, `Nothing was changed${reasons.length === 0 ? ': --yes does it' : ''}.`]);
      }
      await waitingFor('finalize', () => finalize(parts, BY_COMMAND));
      return say(
        options.json,
        { finalized: true },
        'Finalized: Firestore alone holds the data. SQLite is not written any more.',
      );
    });
  },
};

/** Ctrl-C lets the batch under way end, and keeps what was compared; null when it came before anything was. */
async function compareWithProgress(parts: BoxParts, wanted: ProveOptions): Promise<Comparison | null> {
  const progress = new CompareProgress();
  const { begin: onBegin, show: onProgress, stopping } = progress;
  const waiting = { wait_ms: WAITING_MS, onWait: tellWaiting, stopping };
  try {
    return (await prove(parts, { ...wanted, ...waiting, onBegin, onProgress })).comparison;
  } catch (error) {
    if (progress.stoppedBefore) return null;
    throw error;
  } finally {
    progress.end();
  }
}

/** Closing may wait for Firestore as well. */
function onBoxMove<T>(move: 'advance' | 'rollback', data: string, work: (parts: BoxParts) => Promise<T>): Promise<T> {
  return waitingFor(move, () => onBox(data, work));
}

async function onBox<T>(data: string, work: (parts: BoxParts) => Promise<T>): Promise<T> {
  const suite = createSuite(existingHome(dataFolder(data)), { logger: streamLogger(process.stderr, 'ERROR') });
  try {
    return await work(await boxParts(suite));
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'store_unavailable') throw error;
    throw new SetupError('Firestore did not answer: see where the box stands with status, and try again.', {
      cause: error,
    });
  } finally {
    await suite.close();
  }
}

function say(json: boolean, value: object, text: string): ExitCode {
  console.log(json ? JSON.stringify(value) : text);
  return 0;
}

async function main(line: readonly string[]): Promise<ExitCode> {
  return runVerb(cutoverCommand, line, (verb, args) => acts[verb](args));
}

await runCommand(main);
