/** Everybody signs in at once: how many get in, beside the hashing alone, and what it takes. */
import { setTimeout as delay } from 'node:timers/promises';
import argon2 from 'argon2';
import { DUMMY_HASH } from '@bas/core/passwords/stored-hash';
import { ratioRow, type Row } from '../bench/report.ts';
import { percentile } from '../bench/stats.ts';
import { HttpClient } from '../test/support/client.ts';
import type { LongRunPart } from '../../scripts/lib/long-run.ts';
import { openBox, type SoakedHome } from './homes.ts';
import type { SoakCounts } from './parts.ts';

const ROUNDS = 4;
const ROUND_MS = 8_000;
/** More than may wait: some are told to come back. */
const AT_ONCE = 60;
/** What the suite lets run at a time. */
const HASHES_AT_ONCE = 2;
const MEGABYTE = 1_048_576;
/** Two hashes of 64 MiB, the answers of those who wait, and what an allocator keeps. */
const MOST_BYTES = 300 * MEGABYTE;

export const storm: LongRunPart<SoakCounts> = {
  title: 'A storm of sign-ins',
  async run({ signal, progress }) {
    const home = await openBox();
    const client = new HttpClient(home.url);
    const before_bytes = home.rss_bytes();
    const watch = watchMemory(home);
    const [ratios, refused]: [number[], number[]] = [[], []];
    try {
      for (let round = 0; round < ROUNDS && !signal.aborted; round += 1) {
        progress(`  round ${round + 1} of ${ROUNDS}`);
        const raw = await rawHashes();
        const signedIn = await signIns(client, home);
        ratios.push(signedIn.entered / raw);
        refused.push(signedIn.refused);
      }
    } finally {
      client.close();
      watch.stop();
      await home.close();
    }
    return rowsOf(ratios, refused, watch.most_bytes - before_bytes);
  },
};

function rowsOf(ratios: readonly number[], refused: readonly number[], grown_bytes: number): Row[] {
  const grown = `${(grown_bytes / MEGABYTE).toFixed(0)} MiB`;
  const told = refused.reduce((sum, count) => sum + count, 0);
  return [
    ratioRow('people who get in a second / hashes a second of Argon2id alone', percentile(ratios, 0.5), '>=', 0.8),
    {
      measure: `memory of the box above its rest, with ${AT_ONCE} at the door (${told} times "come back later")`,
      value: grown,
      bar: `<= ${MOST_BYTES / MEGABYTE} MiB`,
      holds: grown_bytes <= MOST_BYTES,
    },
  ];
}

/** Hashes a second of the library by itself, as many at once as the suite allows. */
function rawHashes(): Promise<number> {
  return perSecond(HASHES_AT_ONCE, async () => {
    await argon2.verify(DUMMY_HASH, 'a password');
    return 1;
  });
}

async function signIns(client: HttpClient, { demo }: SoakedHome): Promise<{ entered: number; refused: number }> {
  const people = demo.tenants.flatMap(({ tenant_id, users }) => users.map((user) => ({ tenant_id, ...user })));
  let [next, refused] = [0, 0];
  const entered = await perSecond(AT_ONCE, async () => {
    const { tenant_id, username, password } = people[next++ % people.length] ?? {
      tenant_id: '',
      username: '',
      password: '',
    };
    const headers = { 'x-bas-tenant': tenant_id, 'user-agent': 'node' };
    const {
      status,
      text,
      headers: told,
    } = await client.send('POST', '/v1/login', { headers, json: { username, password } });
    if (status === 200) return 1;
    if (status !== 503) throw new Error(`A sign-in answered ${status}: ${text}`);
    refused += 1;
    await delay(Number(told['retry-after']) * 1_000);
    return 0;
  });
  return { entered, refused };
}

/** The sum of what `work` gives, a second; `at_once` of it go on all the while. */
async function perSecond(at_once: number, work: () => Promise<number>): Promise<number> {
  const started_ms = performance.now();
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - started_ms < ROUND_MS) {
      const more = await work();
      done += more;
    }
  };
  await Promise.all(Array.from({ length: at_once }, worker));
  return (done * 1_000) / (performance.now() - started_ms);
}

function watchMemory(home: SoakedHome) {
  const watch = { most_bytes: 0, stop: (): void => clearInterval(timer) };
  const timer = setInterval(() => (watch.most_bytes = Math.max(watch.most_bytes, home.rss_bytes())), 100);
  return watch;
}
