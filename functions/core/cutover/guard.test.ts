import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { readConfig } from '../config.ts';
import { ALL_SQLITE, type Flags } from '../model/flags.ts';
import { Meter } from '../observability/meter.ts';
import { noCounters, type MinuteCounters } from '../observability/minute-counters.ts';
import type { Journal } from '../stores/journal.ts';
import { createSuite, type Suite } from '../suite.ts';
import { BY_ITSELF, cutoverEvent } from './events.ts';
import { guardCutover } from './schedules.ts';

const START_MS = Date.UTC(2025, 2, 3, 9, 0, 0);
const MOVED: Partial<Flags> = { telemetry: 'firestore', audit: 'firestore', auth: 'firestore' };
/** Index of the bucket up to 1,000 ms. */
const SLOW = 10;

describe('the guard of a moving box', () => {
  let folder: string;
  let now_ms: number;
  let lines: string[];
  let suites: Suite[];
  let suite: Suite;
  let journal: Journal;

  const open = (): Suite => {
    const env = {
      SQLITE_FILE: join(folder, 'bas.sqlite'),
      GCP_PROJECT_ID: 'demo-bas',
      FIRESTORE_EMULATOR_HOST: '127.0.0.1:9',
    };
    const logger = { log: (severity: string, message: string) => void lines.push(`${severity} ${message}`) };
    const opened = createSuite(readConfig(env), { clock: { now_ms: () => now_ms }, logger });
    suites.push(opened);
    return opened;
  };

  const move = (flags: Partial<Flags>): Promise<unknown> => {
    const facts = { outcome: 'success', target: 'box', detail: 'as this test begins' } as const;
    const audit = cutoverEvent(suite, BY_ITSELF, 'cutover.advance', facts);
    const since_ms = { telemetry: now_ms, audit: now_ms, auth: now_ms };
    return journal.move((state) => ({ flags: { ...state.flags, since_ms, ...flags }, audit }));
  };

  /** Counted by another process of the box, so many minutes ago. */
  const count = (minutes_ago: number, changes: Partial<MinuteCounters>): Promise<void> => {
    const minute_ms = now_ms - (now_ms % MINUTE_MS) - minutes_ago * MINUTE_MS;
    return journal.saveCounters(minute_ms, 'other', { ...noCounters(minute_ms), ...changes });
  };

  const operations = (failures: number, index_not_ready = 0) => {
    const { concerns } = noCounters(0);
    return { concerns: { ...concerns, telemetry: { operations: 1_000, failures, index_not_ready } } };
  };

  const phases = (): string[] => {
    const { telemetry, audit, auth } = journal.flags();
    return [telemetry, audit, auth];
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-guard-'));
    [now_ms, lines, suites] = [START_MS, [], []];
    suite = open();
    const { box } = await suite.home();
    assert.ok(box);
    journal = box.journal;
    await move({ ...ALL_SQLITE, ...MOVED, since_ms: { telemetry: START_MS, audit: START_MS, auth: START_MS } });
    now_ms += 40 * MINUTE_MS;
  });
  afterEach(async () => {
    await Promise.all(suites.map((one) => one.close()));
    rmSync(folder, { recursive: true });
  });

  const slow = (answers: number) => noCounters(0).last_hundred.map((_, at) => (at === SLOW ? answers : 0));
  const everyMinute = async (minutes: number, changes: Partial<MinuteCounters>): Promise<void> => {
    for (let ago = 1; ago <= minutes; ago += 1) await count(ago, changes);
  };

  const TRIGGERS: Readonly<
    Record<string, { fires: () => Promise<void>; noise: () => Promise<void>; left: readonly string[] }>
  > = {
    error_rate: {
      fires: () => count(1, operations(21)),
      noise: () => count(1, operations(20)),
      left: ['sqlite', 'firestore', 'firestore'],
    },
    index_unusable: {
      fires: () => everyMinute(2, operations(1, 1)),
      noise: () => everyMinute(1, operations(1, 1)),
      left: ['sqlite', 'firestore', 'firestore'],
    },
    tenant_leak: {
      fires: () => count(1, { tenant_leaks: 1 }),
      noise: () => count(1, { tenant_leaks: 0 }),
      left: ['sqlite', 'sqlite', 'sqlite'],
    },
    budget: {
      fires: () => everyMinute(4, { reads: 63, dashboards: ['a'] }),
      noise: () => everyMinute(4, { reads: 62, dashboards: ['a'] }),
      left: ['sqlite', 'firestore', 'firestore'],
    },
    slo: {
      fires: () => everyMinute(15, { last_hundred: slow(3) }),
      noise: () => everyMinute(14, { last_hundred: slow(3) }),
      left: ['dual', 'firestore', 'firestore'],
    },
  };

  for (const [trigger, { fires, noise, left }] of Object.entries(TRIGGERS)) {
    it(`rolls back on ${trigger}, tells what it saw, and does so once`, async () => {
      await fires();
      assert.match(await guardCutover(suite), new RegExp(`^rolled back: .*${trigger}`));
      assert.deepEqual(phases(), left);
      const { audit } = (await suite.backend()).withMeter(new Meter()).forTenant('system');
      const whole = { start_ms: 0, end_ms: now_ms + 1, action: 'cutover.rollback' } as const;
      const told = left.filter((phase) => phase !== 'firestore').length;
      assert.equal(lines.filter((line) => line.startsWith('ERROR')).length, told);
      now_ms += MINUTE_MS;
      assert.equal(await guardCutover(suite), 'nothing to roll back');
      if (left[1] === 'firestore') await move({ audit: 'sqlite' }); // The log is read from the box again.
      const events = await audit.query(whole, { limit: 10 });
      assert.equal(events.length, told);
      for (const { outcome, source, detail } of events) {
        assert.deepEqual([outcome, source], ['success', 'schedule']);
        assert.match(detail ?? '', new RegExp(`: ${trigger}: .+\\d`));
      }
    });

    it(`leaves alone the noise just below ${trigger}`, async () => {
      await noise();
      assert.equal(await guardCutover(suite), 'nothing to roll back');
      assert.deepEqual(phases(), ['firestore', 'firestore', 'firestore']);
    });
  }

  it('does not turn what was moved after it was seen, not even in the same minute', async () => {
    await count(2, operations(500));
    now_ms += 30 * SECOND_MS;
    await count(0, operations(500));
    await move({ telemetry: 'firestore' });
    now_ms += 20 * SECOND_MS;
    assert.equal(await guardCutover(suite), 'nothing to roll back');
    now_ms += MINUTE_MS;
    assert.equal(await guardCutover(suite), 'nothing to roll back');
    await count(0, operations(500));
    assert.match(await guardCutover(suite), /^rolled back: telemetry \(error_rate\)/);
  });

  it('turns on a leak after the last move, and on none before it, to the moment', async () => {
    suite.watch.reads.tenantLeak();
    assert.match(await guardCutover(suite), /tenant_leak/);
    now_ms += 10 * SECOND_MS;
    await move(MOVED);
    now_ms += SECOND_MS;
    assert.equal(await guardCutover(suite), 'nothing to roll back');
    suite.watch.reads.tenantLeak();
    assert.match(await guardCutover(suite), /^rolled back: auth .* audit .* telemetry/);
  });

  it('has one process on guard; another takes over when that one is gone', async () => {
    const other = open();
    assert.equal(await guardCutover(suite), 'nothing to roll back');
    await count(0, { tenant_leaks: 1 });
    assert.equal(await guardCutover(other), 'another process of this box is on guard');
    assert.deepEqual(phases(), ['firestore', 'firestore', 'firestore']);
    now_ms += 3 * MINUTE_MS;
    assert.match(await guardCutover(other), /^rolled back: auth .* audit .* telemetry/);
  });

  it('judges what this very process counted, up to this moment', async () => {
    suite.watch.reads.tenantLeak();
    assert.match(await guardCutover(suite), /tenant_leak/);
  });

  it('of a finalized box alerts, turns nothing and writes nothing to its file', async () => {
    await move({ finalized: true });
    const answered = { last_hundred: false, permission: 'account.own', session_id: 's1', reads: 1 } as const;
    const failed = { ...answered, touched: true, latency_ms: 1, failure: 'store_unavailable', leaked: false } as const;
    for (let requests = 0; requests < 50; requests += 1) suite.watch.answered(failed);
    assert.equal((await suite.health()).status, 'degraded');
    now_ms += MINUTE_MS;
    assert.equal(await guardCutover(suite), 'to be looked at: error_rate');
    assert.deepEqual(
      lines.map((line) => line.split(':').slice(0, 2).join(':')),
      ['ERROR rollback trigger error_rate: auth'],
    );
    assert.deepEqual(phases(), ['firestore', 'firestore', 'firestore']);
    assert.deepEqual(await journal.counters(0), []);
  });
});
