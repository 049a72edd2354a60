import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Driver from 'better-sqlite3';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../clock.ts';
import { addServed, NOTHING_SERVED, type ServiceSpan } from '../../observability/service-counts.ts';
import { openSqlite, type SqliteHome } from './open.ts';

const NOW_MS = Date.UTC(2026, 2, 30, 10, 30);

describe("what a box's file keeps of its answers", () => {
  let folder: string;
  let file: string;
  let home: SqliteHome;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'history-'));
    file = join(folder, 'bas.sqlite');
    home = await openSqlite(file);
  });
  afterEach(async () => {
    await home.close();
    rmSync(folder, { recursive: true });
  });

  const minute = (start_ms: number, counts: Partial<ServiceSpan> = {}): ServiceSpan => ({
    ...NOTHING_SERVED,
    start_ms,
    span_ms: MINUTE_MS,
    requests: 2,
    failures: 1,
    reads: 5,
    dashboard_minutes: 1,
    last_hundred: NOTHING_SERVED.last_hundred.map((_, at) => (at === 3 ? 2 : 0)),
    ...counts,
  });
  const sum = async (since_ms: number) => (await home.history.since(since_ms)).reduce(addServed, NOTHING_SERVED);
  const spans = async () => (await home.history.since(0)).map(({ start_ms, span_ms }) => [start_ms, span_ms]);

  it('is each process by itself, and its newest count of a minute', async () => {
    const start_ms = NOW_MS - MINUTE_MS;
    await home.history.save('one', [minute(start_ms)]);
    await home.history.save('one', [minute(start_ms, { requests: 7 })]);
    await home.history.save('two', [minute(start_ms)]);
    const { requests, failures, last_hundred } = await sum(start_ms);
    assert.deepEqual([requests, failures, last_hundred[3]], [9, 2, 4]);
    assert.deepEqual(await home.history.since(NOW_MS), []);
  });

  it('survives being closed', async () => {
    await home.history.save('one', [minute(NOW_MS)]);
    await home.close();
    home = await openSqlite(file);
    assert.deepEqual(await home.history.since(0), [minute(NOW_MS)]);
  });

  it('grows coarse after two days and loses nothing by it', async () => {
    const made: ServiceSpan[] = [];
    for (let at_ms = NOW_MS - 3 * DAY_MS; at_ms < NOW_MS; at_ms += 10 * MINUTE_MS) made.push(minute(at_ms));
    await home.history.save('one', made);
    await home.history.save('two', made.slice(0, 10));
    const before = await sum(0);
    await home.history.rollUp(NOW_MS);
    await home.history.rollUp(NOW_MS);
    assert.deepEqual(await sum(0), before);
    const cut_ms = NOW_MS - (NOW_MS % HOUR_MS) - 2 * DAY_MS;
    const found = await spans();
    const hours = found.filter(([, span_ms]) => span_ms === HOUR_MS);
    assert.equal(hours.length, 24);
    assert.ok(hours.every(([start_ms = 0]) => start_ms % HOUR_MS === 0 && start_ms + HOUR_MS <= cut_ms));
    assert.equal(Math.min(...found.filter(([, span_ms]) => span_ms === MINUTE_MS).map(([at_ms = 0]) => at_ms)), cut_ms);
  });

  it('adds to an hour what comes late', async () => {
    const hour_ms = Date.UTC(2026, 2, 20, 7);
    await home.history.save('one', [minute(hour_ms)]);
    await home.history.rollUp(NOW_MS);
    await home.history.save('two', [minute(hour_ms + MINUTE_MS)]);
    await home.history.rollUp(NOW_MS);
    assert.deepEqual(await spans(), [[hour_ms, HOUR_MS]]);
    assert.equal((await sum(0)).requests, 4);
  });

  it('is forgotten after 35 days', async () => {
    const [old_ms, kept_ms] = [NOW_MS - 36 * DAY_MS, NOW_MS - 34 * DAY_MS];
    await home.history.save('one', [minute(old_ms), minute(kept_ms)]);
    await home.history.rollUp(NOW_MS);
    assert.deepEqual(await spans(), [[kept_ms - (kept_ms % HOUR_MS), HOUR_MS]]);
  });

  it('is asked from the hour on that a time lies in', async () => {
    const hour_ms = Date.UTC(2026, 2, 20, 7);
    await home.history.save('one', [minute(hour_ms)]);
    await home.history.rollUp(NOW_MS);
    assert.equal((await home.history.since(hour_ms + 20 * MINUTE_MS)).length, 1);
    assert.equal((await home.history.since(hour_ms + HOUR_MS)).length, 0);
  });

  it('counts answers whose latencies another release put between other bounds', async () => {
    await home.history.save('one', [minute(NOW_MS)]);
    const db = new Driver(file);
    db.exec("UPDATE service_spans SET last_hundred = '[1,2]'");
    db.close();
    const found = await sum(0);
    assert.deepEqual(found, { ...found, requests: 2, last_hundred: NOTHING_SERVED.last_hundred });
  });
});
