/**
 * One process of several that share a box, driven by the tests beside: `<what> <file> <project> <number>`. It may be
 * killed at any moment.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '@bas/core/clock';
import { Delivery, type DeliveryPass } from '@bas/core/cutover/deliver';
import { finalize } from '@bas/core/cutover/finalize';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { boxParts } from '@bas/core/cutover/parts';
import { reasonsOf } from '@bas/core/cutover/refused';
import type { Device } from '@bas/core/model/entities';
import { Problem } from '@bas/core/errors';
import { Meter } from '@bas/core/observability/meter';
import { ACME, aDevice, anEvent, incoming } from '@bas/core/stores/suite/fixtures';
import { move, suiteOf } from './moving-box.ts';

const [, , what, file = '', project_id = '', number = '0'] = process.argv;
/** Moved from the start, so that the lease of one that was killed is over at once. */
const ahead_ms = what === 'deliver' ? Number(number) : 0;
const clock = { now_ms: () => Date.now() + ahead_ms };
const suite = suiteOf({ file, project_id }, { clock });
const parts = await boxParts(suite);
const tell = (message: unknown): void => void process.send?.(message);

/** Delivers again and again and says what each pass did. */
async function deliver(): Promise<never> {
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

/** What every process of the churn has been told is stored: by device, the time of each point. */
export type Told = { readonly stored: readonly [device: string, timestamp_ms: number] };
export interface Churned {
  readonly reads: number;
  readonly from_firestore: number;
  readonly flips: number;
  readonly missed: readonly string[];
}

/** Posts, flips, delivers and reads all at once, and holds every read against all that was acknowledged before it. */
async function churn(): Promise<void> {
  const own = `boiler-${number}`;
  const stored = new Map<string, Set<number>>([[own, new Set()]]);
  const stopping = new AbortController();
  process.on('message', (message: Told | 'stop') => {
    if (message === 'stop') stopping.abort();
    else stored.set(message.stored[0], (stored.get(message.stored[0]) ?? new Set()).add(message.stored[1]));
  });
  const missed: string[] = [];
  let [reads, from_firestore, flips, writes] = [0, 0, 0, 0];
  const meter = new Meter();
  const again = async (work: () => Promise<void>): Promise<void> => {
    // SQLite answers at once: without a turn between them, reads would let nothing else happen.
    while (!stopping.signal.aborted) {
      await work();
      await nextTurn();
    }
  };
  const post = async (): Promise<void> => {
    writes += 1;
    const timestamp_ms = clock.now_ms() - Math.floor(Math.random() * 48) * 30 * MINUTE_MS - writes;
    const points = incoming([timestamp_ms, { writes }]);
    const { telemetry } = (await suite.backend()).withMeter(new Meter()).forTenant(ACME);
    const now_ms = clock.now_ms() + writes * MINUTE_MS;
    const outcome = await telemetry.write({ device: aDevice({ device_id: own }), points, overwrite: false, now_ms });
    if (outcome.kind !== 'done' || outcome.receipt.accepted !== 1) throw new Error('a point was not accepted');
    stored.get(own)?.add(timestamp_ms);
    tell({ stored: [own, timestamp_ms] } satisfies Told);
    await sleep(3);
  };
  const read = async (): Promise<void> => {
    for (const [device_id, times] of stored) {
      const before = new Set(times);
      const expected = Math.random() < 0.5 ? 20 : 500;
      const points = await newest(aDevice({ device_id }), expected);
      const oldest_ms = points.length < expected ? 0 : (points.at(-1) ?? 0);
      const answered = new Set(points);
      for (const time of before) {
        if (time >= oldest_ms && !answered.has(time)) missed.push(`${device_id} ${String(time)}`);
      }
      if (answered.size < points.length) missed.push(`${device_id} twice`);
      reads += 1;
      if (parts.journal.flags().telemetry === 'firestore') from_firestore += 1;
    }
  };
  const newest = async (device: Device, expected: number): Promise<readonly number[]> => {
    const { telemetry } = (await suite.backend()).withMeter(meter).forTenant(ACME);
    const times: number[] = [];
    const range = { start_ms: 0, end_ms: clock.now_ms() + MINUTE_MS };
    for await (const chunk of telemetry.scan(device, range, { expected, now_ms: clock.now_ms() })) {
      times.push(...chunk.map(({ timestamp_ms }) => timestamp_ms));
      if (times.length >= expected) break;
    }
    return times.slice(0, expected);
  };
  const flip = async (): Promise<void> => {
    const audit = anEvent({ tenant_id: 'system', action: 'cutover.advance' });
    await parts.journal.move(({ flags }) => ({
      flags: { ...flags, telemetry: flags.telemetry === 'dual' ? 'firestore' : 'dual' },
      audit: { ...audit, timestamp_ms: clock.now_ms() },
    }));
    flips += 1;
    await sleep(Math.random() * 60);
  };
  const { journal, mirror } = parts;
  const delivery = new Delivery({ journal, mirror, clock, holder: `process ${String(process.pid)}`, rate: 0 });
  const delivering = async (): Promise<void> => {
    await delivery.everything();
    await sleep(Math.random() * 30);
  };
  await Promise.all([post, read, read, flip, delivering].map(again));
  tell({ reads, from_firestore, flips, missed } satisfies Churned);
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
if (what === 'churn') await churn();
if (what === 'finalize') await once(() => finalize(parts, BY_COMMAND));
if (what === 'advance') {
  process.once('message', () => {
    void once(() => move({ parts }, 'telemetry'));
  });
}
