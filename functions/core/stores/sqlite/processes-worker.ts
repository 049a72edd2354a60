/** One process of several that share a file, driven by processes.test.ts: `<what> <file>`. */
import { writeSync } from 'node:fs';
import { MINUTE_MS } from '../../clock.ts';
import { Meter } from '../../observability/meter.ts';
import type { Backend } from '../contracts.ts';
import { ACME, NOW_MS, aDevice, incoming } from '../suite/fixtures.ts';
import { openSqlite } from './open.ts';

/** What `hammer` is told: write this often at this time. */
export interface Round {
  readonly now_ms: number;
  readonly writes: number;
}

/** Points of one request of `stream`, which must be stored together or not at all. */
export const POINTS_PER_REQUEST = 3;

function storeOf(backend: Backend) {
  return backend.withMeter(new Meter()).forTenant(ACME).telemetry;
}

/** Answers each round with how many of its writes were accepted. */
async function hammer(file: string): Promise<void> {
  const backend = await openSqlite(file);
  let written = 0;
  process.on('message', (message: Round) => {
    void (async () => {
      let accepted = 0;
      for (let i = 0; i < message.writes; i += 1) {
        written += 1;
        const points = incoming([message.now_ms - 1, { [`p${process.pid}_${written}`]: 1 }]);
        const request = { device: aDevice(), points, overwrite: false, now_ms: message.now_ms };
        if ((await storeOf(backend).write(request)).kind === 'done') accepted += 1;
      }
      process.send?.(accepted);
    })();
  });
  process.send?.('ready');
}

/** Writes without end, a request a minute of its own clock, and says which it was once it is acknowledged. */
async function stream(file: string, from: string): Promise<never> {
  const backend = await openSqlite(file);
  for (let request = Number(from); ; request += 1) {
    const now_ms = NOW_MS + request * MINUTE_MS;
    const points = incoming(
      ...Array.from({ length: POINTS_PER_REQUEST }, (_, i) => [now_ms + i, { request, i }] as const),
    );
    const outcome = await storeOf(backend).write({ device: aDevice(), points, overwrite: false, now_ms });
    if (outcome.kind !== 'done') throw new Error('the write budget was used up');
    writeSync(1, `${request}\n`);
  }
}

/** Opens the file, which may be new, and leaves. */
async function start(file: string): Promise<void> {
  const backend = await openSqlite(file);
  await storeOf(backend).writeBudget(aDevice(), NOW_MS);
  await backend.close();
}

const [, , what, file = '', from = '0'] = process.argv;
if (what === 'hammer') await hammer(file);
if (what === 'stream') await stream(file, from);
if (what === 'start') await start(file);
