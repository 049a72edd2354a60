/** The thread that opens the legacy file and reads its points: all that is slow about a row happens here. */
import { parentPort, workerData } from 'node:worker_threads';
import { SetupError } from '../../errors.ts';
import { openLegacyFile } from '../../stores/open.ts';
import type { LegacyFile } from '../../stores/import.ts';
import type { Answer, Order, ReaderSetup, ReadUnit } from './messages.ts';
import { planReading, type PlannedReading } from './reading.ts';
import { surveyDevices } from './survey.ts';

/** Units of about so many rows are handed over together. */
const ROWS_AT_ONCE = 2_000;

const { file, stop } = workerData as ReaderSetup;
const opened = openLegacyFile(file, () => {
  if (Atomics.load(stop, 0) !== 0) throw new Error('The reading was stopped.');
});
// Its failure answers the first order; until then it is not unhandled.
opened.catch(() => undefined);
let planned: PlannedReading | undefined;
let units: Iterator<ReadUnit> | undefined;

parentPort?.on('message', (order: Order) => void obey(order));

async function obey(order: Order): Promise<void> {
  if (order.kind === 'end') {
    parentPort?.close();
    return;
  }
  try {
    parentPort?.postMessage(answerTo(order, await opened));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    parentPort?.postMessage({ kind: 'refused', message: error.message } satisfies Answer);
  }
}

function answerTo(order: Exclude<Order, { kind: 'end' }>, legacy: LegacyFile): Answer {
  switch (order.kind) {
    case 'survey':
      return { kind: 'survey', devices: surveyDevices(legacy, order.options) };
    case 'plan':
      planned = planReading(legacy, order.options, order.devices);
      return { kind: 'plan', rows: planned.rows };
    case 'next':
      if (order.anew) units = planned?.units();
      return { kind: 'next', units: nextUnits() };
  }
}

function nextUnits(): ReadUnit[] {
  const some: ReadUnit[] = [];
  for (let rows = 0; rows < ROWS_AT_ONCE;) {
    const next = units?.next();
    if (next === undefined || next.done === true) break;
    some.push(next.value);
    rows += 'rest' in next.value ? next.value.rest.rows : next.value.metrics.length;
  }
  return some;
}
