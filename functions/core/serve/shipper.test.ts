import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { loggerTo, type LineSink } from './log.ts';
import { Shipper, type WaitingLine } from './shipper.ts';

/** A shipper whose lines arrive in `batches`, or do not while `refused` says why. */
function shipping(random?: () => number) {
  const batches: (readonly WaitingLine[])[] = [];
  const tries_ms: number[] = [];
  const told: string[] = [];
  const state: { refused: Error | null; hangs: boolean } = { refused: null, hangs: false };
  const tell: LineSink = {
    take: ({ severity, message, fields }) => void told.push(`${severity} ${message} ${String(fields['lost_lines'])}`),
  };
  const send = async (lines: readonly WaitingLine[]): Promise<void> => {
    tries_ms.push(performance.now());
    await sleep(5);
    if (state.hangs) await new Promise(() => undefined);
    if (state.refused !== null) throw state.refused;
    batches.push(lines);
  };
  const clock = { now_ms: () => 1 };
  const shipper = new Shipper({ send, clock, process: 'one', tell, ...(random === undefined ? {} : { random }) });
  const logger = loggerTo([shipper], clock);
  const messages = (): string[] => batches.flat().map(({ message }) => message);
  return { shipper, logger, batches, tries_ms, told, state, messages };
}

async function within(limit_ms: number, done: () => boolean): Promise<void> {
  const started_ms = performance.now();
  while (!done()) {
    assert.ok(performance.now() - started_ms < limit_ms, `not within ${limit_ms} ms`);
    await sleep(10);
  }
}

describe('a shipper of log lines', function () {
  this.timeout(20_000);

  it('sends in order and in batches, each line with an id of its own', async () => {
    const { shipper, logger, batches, told, messages } = shipping();
    const lines = Array.from({ length: 1_200 }, (_, at) => `line ${at}`);
    for (const line of lines) logger.log('INFO', line);
    assert.equal(batches.length, 0);
    await within(3_000, () => batches.length === 3);
    assert.deepEqual(messages(), lines);
    assert.deepEqual(
      batches.map(({ length }) => length),
      [500, 500, 200],
    );
    assert.equal(new Set(batches.flat().map(({ insert_id }) => insert_id)).size, 1_200);
    await shipper.stop();
    assert.deepEqual(told, []);
  });

  it('sends what is left when it is stopped', async () => {
    const { shipper, logger, told, messages } = shipping();
    logger.log('INFO', 'one');
    logger.log('INFO', 'two');
    await shipper.stop();
    assert.deepEqual(messages(), ['one', 'two']);
    assert.deepEqual(told, []);
  });

  it('keeps what is newest while it cannot send, says so once, and says how much it lost', async () => {
    const { shipper, logger, state, told, messages } = shipping();
    state.refused = new Error('away');
    for (let at = 0; at < 5_000; at += 1) logger.log('INFO', `line ${at}`);
    await within(3_000, () => told.length === 1);
    await sleep(2_200);
    assert.deepEqual(told, ['WARNING the log cannot be shipped undefined']);
    state.refused = null;
    await within(9_000, () => messages().includes('line 4999'));
    assert.deepEqual(messages().slice(0, 2), ['line 3000', 'line 3001']);
    await within(3_000, () => told.length === 2);
    assert.equal(told[1], 'NOTICE the log is shipped again 3000');
    await shipper.stop();
    assert.equal(messages().at(-1), 'the log is shipped again');
    assert.equal(told.length, 2);
  });

  it('is taken at once and stopped in time by a cloud that does not answer', async () => {
    const { shipper, logger, state, told } = shipping();
    state.hangs = true;
    const started_ms = performance.now();
    for (let at = 0; at < 3_000; at += 1) logger.log('INFO', `line ${at}`);
    assert.ok(performance.now() - started_ms < 500);
    await sleep(1_200);
    const stopping_ms = performance.now();
    await shipper.stop();
    assert.ok(performance.now() - stopping_ms < 4_000);
    assert.deepEqual(told, ['WARNING the log was not shipped to its end 3000']);
  });

  it('tries again after pauses that differ from one process to the other', async () => {
    const processes = [0, 1].map((random) => shipping(() => random));
    const pauses = processes.map(async ({ shipper, logger, state, tries_ms }) => {
      state.refused = new Error('away');
      logger.log('INFO', 'one');
      await within(6_000, () => tries_ms.length === 2);
      const [first = 0, second = 0] = tries_ms;
      await shipper.stop();
      return second - first;
    });
    const [short_ms = 0, long_ms = 0] = await Promise.all(pauses);
    assert.ok(short_ms >= 1_400 && short_ms < 2_400 && long_ms >= 2_400, `${short_ms} ms, ${long_ms} ms`);
  });
});
