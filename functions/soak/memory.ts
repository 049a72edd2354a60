/** A steady rate for as long as a person has patience: whether what a process holds in memory stays what it was. */
import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { ratioRow, type Row } from '../bench/report.ts';
import { percentile } from '../bench/stats.ts';
import { Caller, HttpClient, type Answer } from '../test/support/client.ts';
import { SteadyLoad } from '../test/support/steady-load.ts';
import { deviceCaller } from '../test/support/people.ts';
import type { LongRunPart } from '../../scripts/lib/long-run.ts';
import { openBox, openInstance, type SoakedHome, type Tenant } from './homes.ts';
import type { SoakCounts } from './parts.ts';

const SAMPLE_MS = 2 * SECOND_MS;
/** Each device may post five times a minute. */
const POST_MS = 13 * SECOND_MS;
const MEGABYTE = 1_048_576;
const MOST_GROWTH = 1.05;
/** Answered, refused for what it is, or told to come back: all that a process in order may say to these. */
const EXPECTED = new Set([200, 304, 400, 401, 403, 404, 429]);

export const memory: LongRunPart<SoakCounts> = {
  title: 'A steady rate, and what is held in memory',
  async run({ minutes, rate, emulator_host, signal, progress }) {
    const homes = [await openBox(), await openInstance(emulator_host)];
    try {
      const soaks = homes.map((home) => new Soak(home, rate));
      for (let minute = 1; minute <= minutes && !signal.aborted; minute += 1) {
        await delay(MINUTE_MS);
        progress(`  ${minute} of ${minutes} minutes: ${soaks.map((soak) => soak.size).join(', ')}`);
      }
      return (await Promise.all(soaks.map((soak) => soak.end(rate)))).flat();
    } finally {
      await Promise.all(homes.map((home) => home.close()));
    }
  },
};

class Soak {
  readonly #home: SoakedHome;
  readonly #client: HttpClient;
  readonly #load: SteadyLoad;
  readonly #samples: number[] = [];
  readonly #timers: NodeJS.Timeout[];
  #unexpected = 0;
  #answers = 0;

  constructor(home: SoakedHome, rate: number) {
    this.#home = home;
    this.#client = new HttpClient(home.url);
    this.#load = new SteadyLoad(rate, (number) => this.#ask(number));
    this.#timers = [
      setInterval(() => this.#samples.push(home.rss_bytes()), SAMPLE_MS),
      setInterval(() => this.#post(), POST_MS),
    ];
  }

  get size(): string {
    return `${((this.#samples.at(-1) ?? 0) / MEGABYTE).toFixed(0)} MiB after ${this.#answers} answers`;
  }

  /** What the last third of the time holds beside the middle one; the first is for warming up. */
  async end(rate: number): Promise<Row[]> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#load.stop();
    this.#client.close();
    const third = Math.floor(this.#samples.length / 3);
    const middle = percentile(this.#samples.slice(third, 2 * third), 0.5);
    const last = percentile(this.#samples.slice(2 * third), 0.5);
    const note = `${(last / MEGABYTE).toFixed(0)} / ${(middle / MEGABYTE).toFixed(0)} MiB, ${this.#answers} answers`;
    const { name } = this.#home;
    return [
      ratioRow(
        `${name}: memory at ${rate} requests/s, last third / middle third`,
        last / middle,
        '<=',
        MOST_GROWTH,
        note,
      ),
      {
        measure: `${name}: answers that nobody should get`,
        value: String(this.#unexpected),
        bar: '0',
        holds: this.#unexpected === 0,
      },
    ];
  }

  async #ask(number: number): Promise<Answer> {
    const tenant = this.#home.tenants[number % 2 === 0 ? 0 : 1];
    const ask = (): Promise<Answer> => new Caller(this.#client, tenant.viewer).get(pathOf(tenant, number));
    // A server may close a connection that was idle at the very moment that it is used again.
    const answer = await ask().catch(ask);
    this.#answers += 1;
    if (!EXPECTED.has(answer.status)) this.#unexpected += 1;
    this.#load.told.length = 0; // a soak of hours would keep every answer
    return answer;
  }

  /** Where posts are another function's, they are answered as what does not exist. */
  #post(): void {
    for (const { tenant_id, devices } of this.#home.tenants) {
      for (const { device_id, key } of devices) {
        const points = [{ timestamp_ms: Date.now(), metrics: { temperature: 20, power_kw: 3 } }];
        const posted = deviceCaller(this.#client, tenant_id, key).post('/v1/telemetry', { device_id, points });
        posted
          .then(({ status }) => (this.#unexpected += Number(!EXPECTED.has(status))))
          .catch(() => this.#unexpected++);
      }
    }
  }
}

/** All kinds of questions in turn, no two windows the same, and now and then one that is refused. */
function pathOf({ devices }: Tenant, number: number): string {
  const device_id = devices[number % devices.length]?.device_id ?? '';
  const end_ms = Date.now() - (number % 997) * SECOND_MS;
  const window = `/v1/telemetry/window?device_id=${device_id}&start_ms=${end_ms - 6 * 60 * MINUTE_MS}&end_ms=${end_ms}`;
  const paths = [
    `/v1/telemetry/recent?device_id=${device_id}&limit=100`,
    `/v1/telemetry/recent?device_id=${device_id}&limit=${1 + (number % 200)}`,
    '/v1/telemetry/latest?points=30',
    `${window}&limit=50`,
    `${window}&aggregate=avg&interval_ms=${MINUTE_MS * (1 + (number % 30))}`,
    `/v1/telemetry/recent?device_id=of-nobody-${number}`,
    `/v1/nothing/${number}`,
  ];
  return paths[number % paths.length] ?? '/';
}
