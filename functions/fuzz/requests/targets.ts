/** The servers under attack: a box on SQLite, the same doors on Firestore, and the functions framework. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, HomeConfig } from '@bas/core/config';
import { MINUTE_MS, systemClock } from '@bas/core/clock';
import { startBox } from '@bas/core/serve/box';
import { freshProject } from '@bas/core/stores/firestore/harness';
import { createSuite, type Suite } from '@bas/core/suite';
import type { Logger, LogEntry } from '@bas/core/observability/log';
import { lineOf } from '@bas/core/observability/log-line';
import { doors } from '../../src/doors.ts';
import { startFunction } from '../../test/deploy/deployed.ts';
import { MovableClock } from '../../test/support/movable-clock.ts';
import { Actors } from './actors.ts';
import { openStored, type Stored } from './stored.ts';

export const TARGETS = ['box', 'firestore', 'framework'] as const;
export type TargetName = (typeof TARGETS)[number];

export interface Target {
  readonly name: TargetName;
  readonly port: number;
  readonly actors: Actors;
  /** Lets a minute go by, where the clock is the fuzzer's: budgets are full again. */
  nextMinute(): void;
  readonly stored: Stored;
  /** Lines of its log that are more than one line, or none of JSON. */
  readonly brokenLines: readonly string[];
  stop(): Promise<void>;
}

export async function startTarget(name: TargetName, emulator_host: string): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-fuzz-'));
  const hosting = join(folder, 'no-pages');
  mkdirSync(hosting);
  const home: HomeConfig =
    name === 'firestore'
      ? { kind: 'firestore', project_id: freshProject(), emulator_host }
      : { kind: 'sqlite', file: join(folder, 'bas.sqlite') };
  const log = new CheckedLog();
  const movable = new MovableClock();
  // A framework is a process of its own, with a clock of its own.
  const clock = name === 'framework' ? systemClock : movable;
  const suite = createSuite(configOf(home), { clock, logger: log });
  const actors = await Actors.settle(suite);
  const stored = openStored(home);
  const server = await (name === 'framework' ? startFramework(suite, folder) : startDoors(suite, hosting));
  const port = Number(new URL(server.url).port);
  const stop = async (): Promise<void> => {
    await server.stop();
    stored.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const nextMinute = (): void => movable.advance(MINUTE_MS);
  return { name, port, actors, stored, nextMinute, brokenLines: log.broken, stop };
}

interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** As `npm run serve` has it, but for its schedules, which would change the store meanwhile. */
function startDoors(suite: Suite, hosting: string): Promise<Running> {
  return startBox(suite, { doors, schedules: {}, hosting, host: '127.0.0.1', port: 0 });
}

async function startFramework(suite: Suite, folder: string): Promise<Running> {
  const source = join(import.meta.dirname, 'all-functions.ts');
  const env = { FUNCTION_SOURCE: source, SQLITE_FILE: join(folder, 'bas.sqlite') };
  const running = await startFunction(folder, 'everything', env);
  const [, port = ''] = /:(\d+)\//.exec(running.printed()) ?? [];
  const stopAll = async (): Promise<void> => {
    await running.stop();
    await suite.close();
  };
  return { url: `http://127.0.0.1:${port}`, stop: stopAll };
}

function configOf(home: HomeConfig): Config {
  return {
    home,
    tenant_header: 'X-BAS-Tenant',
    allowed_origins: [],
    trusted_proxy_hops: 0,
    read_cache: 'all',
    build: 'fuzz',
  };
}

/** Each entry must be one line of JSON, whatever a request has put into it. */
class CheckedLog implements Logger {
  readonly broken: string[] = [];

  log(...[severity, message, fields = {}, context = {}]: Parameters<Logger['log']>): void {
    const entry: LogEntry = { severity, message, time_ms: 0, fields, context };
    const line = lineOf(entry);
    if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(line) || line.indexOf('\n') !== line.length - 1)
      this.broken.push(line);
  }
}
