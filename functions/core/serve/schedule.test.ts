import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { Logger } from '../observability/log.ts';
import { createSuite } from '../suite.ts';
import { Scheduler, type Schedule, type ScheduledWork } from './schedule.ts';

const CONFIG: Config = {
  home: { kind: 'sqlite', file: '/nowhere/bas.sqlite' },
  tenant_header: 'X-BAS-Tenant',
  allowed_origins: [],
  trusted_proxy_hops: 0,
  read_cache: 'all',
  build: 'test',
};

function recording() {
  const lines: string[] = [];
  const logger: Logger = {
    log: (severity, message, fields) => void lines.push(`${severity} ${message} ${String(fields?.['function'])}`),
  };
  return { lines, suite: createSuite(CONFIG, { logger }) };
}

function every(every_ms: number, work: ScheduledWork): Schedule {
  return { every_ms, load: () => Promise.resolve({ default: work }) };
}

describe('schedules of a box', () => {
  it('run again and again, and never two of one at a time', async () => {
    const { suite, lines } = recording();
    let running = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, (running += 1));
      await delay(15);
      running -= 1;
      return 'swept';
    };
    const scheduler = new Scheduler(suite, { slow: every(5, work) }, 0);
    await delay(120);
    await scheduler.stop();
    assert.equal(most, 1);
    assert.ok(lines.length >= 3, `${lines.length} runs`);
    assert.equal(lines[0], 'INFO swept slow');
  });

  it('go on after a failure, which is told', async () => {
    const { suite, lines } = recording();
    const scheduler = new Scheduler(suite, { sick: every(5, () => Promise.reject(new Error('no'))) }, 0);
    while (lines.length < 2) await delay(5);
    await scheduler.stop();
    assert.equal(lines[0], 'ERROR schedule failed sick');
  });

  it('stop only when what is running has ended', async () => {
    const { suite } = recording();
    let ended = false;
    const work = async (): Promise<string> => {
      await delay(50);
      ended = true;
      return 'done';
    };
    const scheduler = new Scheduler(suite, { slow: every(1_000, work) }, 0);
    await delay(20);
    await scheduler.stop();
    assert.equal(ended, true);
  });

  it('are asked to end early when they are stopped', async () => {
    const { suite, lines } = recording();
    const work: ScheduledWork = async (_, stopping) => {
      await delay(60_000, undefined, { signal: stopping }).catch(() => undefined);
      return 'half of it';
    };
    const scheduler = new Scheduler(suite, { slow: every(1_000, work) }, 0);
    await delay(20);
    await scheduler.stop();
    assert.deepEqual(lines, ['INFO half of it slow']);
  });

  it('say nothing when the stop is why they fail', async () => {
    const { suite, lines } = recording();
    const work: ScheduledWork = (_, stopping) => delay(60_000, 'never', { signal: stopping });
    const scheduler = new Scheduler(suite, { slow: every(1_000, work) }, 0);
    await delay(20);
    await scheduler.stop();
    assert.deepEqual(lines, []);
  });
});
