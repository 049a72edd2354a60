/** From the start of the process to the end of the first answer, each function as the cloud starts it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import type { Fixture } from './fixture.ts';
import { DEVICE_ID } from './fixture.ts';
import { freePort } from '../../scripts/lib/firestore-emulator.ts';
import { ms, ratioRow, type Row } from './report.ts';
import { percentile } from './stats.ts';

const FUNCTIONS = resolve(import.meta.dirname, '..');
const FRAMEWORK = resolve(FUNCTIONS, '../node_modules/@google-cloud/functions-framework/build/src/main.js');
const ROUNDS = 5;
/** More for the two whose ratio is a bar: a start's time differs by a tenth from one to the next. */
const PAIR_ROUNDS = 15;
const PAIRED = 'recentTelemetry';
const PATIENCE_MS = 20_000;

interface Contender {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly path: string;
}

const empty: Contender = { name: 'empty', source: join(import.meta.dirname, 'cold/empty'), target: 'probe', path: '/' };
const EVERYTHING = join(import.meta.dirname, 'cold/everything');

/** One request that reaches the function's own code; 401s and 405s do, and count. */
const PATHS: Readonly<Record<string, string>> = {
  recentTelemetry: `/v1/telemetry/recent?device_id=${DEVICE_ID}&limit=100`,
  windowTelemetry: `/v1/telemetry/window?device_id=${DEVICE_ID}&start_ms=0&end_ms=1`,
  latestTelemetry: '/v1/telemetry/latest',
  session: '/v1/session',
  account: '/v1/account/sessions',
  devices: '/v1/devices',
  users: '/v1/users',
  auditEvents: '/v1/audit',
  usage: '/v1/usage',
  cutover: '/v1/cutover',
  health: '/v1/health',
  openapi: '/v1/openapi.json',
  ingestTelemetry: '/v1/telemetry',
  login: '/v1/login',
  logout: '/v1/logout',
};

export async function measureColdStarts(env: Record<string, string>, fixture: Fixture): Promise<Row[]> {
  // The compile cache is made by the cloud build; here the same step makes it.
  execFileSync(process.execPath, [join(FUNCTIONS, 'lib/warm.js')], { cwd: FUNCTIONS, env: { ...process.env, ...env } });
  const ours = Object.entries(PATHS).map(([target, path]): Contender => ({
    name: target,
    source: FUNCTIONS,
    target,
    path,
  }));
  const recent = PATHS[PAIRED] ?? '/';
  const everything: Contender = { name: 'everything', source: await buildEverything(), target: 'probe', path: recent };
  const contenders = [empty, everything, ...ours];
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < PAIR_ROUNDS; round += 1) {
    const taking = contenders.filter(({ name }) => round < ROUNDS || name === 'everything' || name === PAIRED);
    for (const contender of taking) samples.get(contender.name)?.push(await coldStart(contender, env, fixture));
  }
  const p50 = (name: string): number => percentile(samples.get(name) ?? [], 0.5);
  const all = p50('everything');
  const bare = p50('empty');
  const note = `${ms(p50(PAIRED))} / ${ms(all)}`;
  return [
    ratioRow(
      '`recentTelemetry` cold start with a Firestore read / everything imported at the top',
      p50(PAIRED) / all,
      '<=',
      0.55,
      note,
    ),
    ...ours.map(({ name }): Row => {
      const own = p50(name);
      return {
        measure: `cold start of \`${name}\` / empty; / everything`,
        value: `${(own / bare).toFixed(2)}; ${(own / all).toFixed(2)} (${ms(own)})`,
      };
    }),
  ];
}

/** Our own code as one file, every package beside it in node_modules: what a plain compile would deploy. */
async function buildEverything(): Promise<string> {
  await build({
    entryPoints: [join(EVERYTHING, 'index.ts')],
    outfile: join(EVERYTHING, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    alias: { '@bas/core': join(FUNCTIONS, 'core') },
    logLevel: 'warning',
  });
  return EVERYTHING;
}

async function coldStart(contender: Contender, env: Record<string, string>, fixture: Fixture): Promise<number> {
  const port = await freePort();
  const started_ms = performance.now();
  const child = spawn(
    process.execPath,
    [FRAMEWORK, `--source=${contender.source}`, `--target=${contender.target}`, `--port=${String(port)}`],
    {
      env: { ...process.env, ...env, FUNCTION_TARGET: contender.target },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  try {
    const url = `http://127.0.0.1:${String(port)}${contender.path}`;
    for (;;) {
      const response = await fetch(url, { headers: { ...fixture.headers } }).catch(() => null);
      if (response !== null) {
        await response.arrayBuffer();
        if (response.status >= 500) throw new Error(`${contender.name} answered ${String(response.status)}`);
        return performance.now() - started_ms;
      }
      if (performance.now() - started_ms > PATIENCE_MS) throw new Error(`${contender.name} did not start`);
      await delay(2);
    }
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
