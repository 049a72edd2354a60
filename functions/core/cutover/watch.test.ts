import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import type { MinuteCounters } from '../observability/minute-counters.ts';
import { StoredCounters } from './triggers.ts';
import { Watch, type Answered } from './watch.ts';

describe('the watch of one process', () => {
  let now_ms: number;
  let lines: string[];
  let watch: Watch;
  let saved: Map<number, MinuteCounters>;
  let saves: number;

  const journal = {
    saveCounters: (minute_ms: number, process: string, value: unknown) => {
      assert.equal(process, 'one');
      saves += 1;
      saved.set(minute_ms, StoredCounters.parse(value));
      return Promise.resolve();
    },
  };

  const answered = (changes: Partial<Answered> = {}): void =>
    watch.answered({
      last_hundred: true,
      permission: 'telemetry.read',
      session_id: 's1',
      reads: 2,
      touched: true,
      latency_ms: 40,
      failure: undefined,
      leaked: false,
      ...changes,
    });

  const minute = async (): Promise<MinuteCounters> => {
    await watch.keep(journal);
    const found = saved.get(now_ms - (now_ms % MINUTE_MS));
    assert.ok(found);
    return found;
  };

  beforeEach(() => {
    [now_ms, lines, saves] = [Date.UTC(2025, 2, 3, 9), [], 0];
    saved = new Map();
    const logger = { log: (severity: string, message: string) => void lines.push(`${severity} ${message}`) };
    watch = new Watch({ clock: { now_ms: () => now_ms }, logger, process: 'one' });
  });

  it('counts what dashboards read and who they are, and how long "last 100" took on Firestore', async () => {
    answered();
    answered({ session_id: 's2', reads: 1 });
    answered({ last_hundred: false, reads: 5 });
    answered({ reads: 0 });
    answered({ last_hundred: false, failure: 'index_not_ready' });
    answered({ permission: 'users.manage', last_hundred: false, reads: 100 });
    answered({ permission: 'telemetry.write', last_hundred: false, session_id: undefined, reads: 100 });
    const { reads, dashboards, last_hundred, concerns } = await minute();
    assert.deepEqual([reads, dashboards.length], [10, 2]);
    assert.equal(
      last_hundred.reduce((sum, n) => sum + n, 0),
      2,
    );
    assert.equal(concerns.telemetry.operations, 0, "a box's reads count themselves");
  });

  it("knows which of a box's reads fail, until one succeeds", async () => {
    watch.reads.operation('audit', false);
    watch.reads.indexNotReady('audit');
    watch.reads.operation('telemetry', true);
    assert.deepEqual([...watch.failing], ['audit']);
    assert.deepEqual((await minute()).concerns.audit, { operations: 1, failures: 1, index_not_ready: 1 });
    watch.reads.operation('audit', true);
    assert.deepEqual([...watch.failing], []);
  });

  it('stores a minute again only when it has changed, and keeps one that could not be stored', async () => {
    answered();
    const broken = { saveCounters: () => Promise.reject(new Error('locked')) };
    await assert.rejects(watch.keep(broken));
    now_ms += MINUTE_MS;
    await watch.keep(journal);
    await watch.keep(journal);
    assert.deepEqual([saves, [...saved.values()][0]?.reads], [1, 2]);
    answered();
    assert.equal((await minute()).reads, 2);
    assert.equal(saves, 2);
  });

  it('where there is no box counts answers, and alerts once a minute', () => {
    watch.standAloneWhile(() => true);
    answered();
    const failed = { last_hundred: false, permission: 'account.own', failure: 'store_unavailable' } as const;
    for (let n = 0; n < 60; n += 1) answered(n < 2 ? failed : { ...failed, failure: undefined });
    assert.equal(lines.length, 0);
    now_ms += MINUTE_MS;
    answered({ leaked: true, failure: 'internal' });
    answered({ leaked: true, failure: 'internal' });
    assert.deepEqual(
      lines.map((line) => line.split(':').slice(0, 2).join(':')),
      ['ERROR rollback trigger tenant_leak: Firestore gave 1 document of another tenant than the one asked for'].concat(
        'ERROR rollback trigger error_rate: auth',
      ),
    );
    now_ms += MINUTE_MS;
    assert.deepEqual(
      watch.alarm().map(({ trigger }) => trigger),
      ['tenant_leak', 'error_rate'],
    );
  });

  it('tells of one leak once, and of the next one again', () => {
    watch.standAloneWhile(() => true);
    const minutes = (count: number): number => {
      const before = lines.length;
      for (let at = 0; at < count; at += 1) {
        now_ms += MINUTE_MS;
        watch.alarm();
      }
      return lines.length - before;
    };
    answered({ leaked: true });
    assert.deepEqual([lines.length, minutes(40)], [1, 0]);
    answered({ leaked: true });
    assert.equal(minutes(1), 1);
  });
});
