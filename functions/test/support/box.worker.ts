/**
 * One process of several that share a box, driven by the tests beside: `<what> <file> <project> <number>`. It may be
 * killed at any moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '@bas/core/clock';
import { Delivery, type DeliveryPass } from '@bas/core/cutover/deliver';
import { finalize } from '@bas/core/cutover/finalize';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { boxParts } from '@bas/core/cutover/parts';
import { prove } from '@bas/core/cutover/proving';
import { reasonsOf } from '@bas/core/cutover/refused';
import { Problem } from '@bas/core/errors';
import { Meter } from '@bas/core/observability/meter';
import { ACME, aDevice, incoming } from '@bas/core/stores/suite/fixtures';
import { move, suiteOf } from './moving-box.ts';

const [, , what, file = '', project_id = '', number = '0'] = process.argv;
/** Moved by a message, so that a lease of half a minute is over at once. */
let ahead_ms = 0;
const clock = { now_ms: () => Date.now() + ahead_ms };
const suite = suiteOf({ file, project_id }, { clock });
const parts = await boxParts(suite);
const tell = (message: unknown): void => void process.send?.(message);

process.on('message', (message) => {
  if (typeof message === 'number') ahead_ms = message;
});

/** Delivers again and again and says what each pass did. */
async function deliver(): Promise<never> {
  ahead_ms = Number(number);
  const { journal, mirror } = parts;
  const delivery = new Delivery({ journal, mirror, clock, holder: `process ${String(process.pid)}`, rate: 0 });
  for (;;) {
    tell((await delivery.pass()) satisfies DeliveryPass);
    await sleep(5);
  }
}

/** Posts point after point to one device, each of its own minute, and says which were acknowledged. */
async function stream(): Promise<never> {
  const device = aDevice({ device_id: `boiler-${number}` });
  const start_ms = clock.now_ms() - 600 * MINUTE_MS;
  for (let at = 0; ; at += 1) {
    const timestamp_ms = start_ms + at * 1_000;
    const request = { device, points: incoming([timestamp_ms, { at }]), overwrite: false, now_ms: at * MINUTE_MS };
    const { telemetry } = (await suite.backend()).withMeter(new Meter()).forTenant(ACME);
    const done = await telemetry.write(request).then(
      ({ kind }) => kind === 'done',
      (error: unknown) => {
        if (error instanceof Problem && error.code === 'store_unavailable') return false;
        throw error;
      },
    );
    tell(done ? { acknowledged: timestamp_ms } : { refused: timestamp_ms });
    if (!done) at -= 1;
    await sleep(2);
  }
}

/** Tries one move and says how that ended. */
async function once(work: () => Promise<unknown>): Promise<void> {
  const outcome = await work().then(
    () => 'done',
    (error: unknown) => {
      const reasons = reasonsOf(error);
      if (reasons === null) throw error;
      return reasons;
    },
  );
  tell(outcome);
}

tell('ready');
if (what === 'deliver') await deliver();
if (what === 'stream') await stream();
if (what === 'prove') await once(() => prove(parts, { full: true }));
if (what === 'finalize') await once(() => finalize(parts, BY_COMMAND));
if (what === 'advance') {
  process.once('message', () => {
    void once(() => move({ parts }, 'telemetry'));
  });
}
