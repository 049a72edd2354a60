import type { Database } from 'better-sqlite3';
import { HOUR_MS } from '../../../clock.ts';
import type { Seeds } from '../../../model/flags.ts';
import { Meter } from '../../../observability/meter.ts';
import { NO_ROWS, type BoxState, type Dirty, type Journal, type Move, type RowKind } from '../../journal.ts';
import { Access } from '../driver.ts';
import type { Tables } from '../tables.ts';
import { BucketJournal } from './bucket-journal.ts';
import { FlagsTable } from './flags-table.ts';
import { RowJournal } from './row-journal.ts';

/** Rows that travel as soon as telemetry does; the others wait for moves of their own. */
const WITH_TELEMETRY: ReadonlySet<RowKind> = new Set(['tenant', 'device', 'key']);
const KEEP_COUNTERS_MS = 2 * HOUR_MS;

/** The box's own half of the cutover. `seeds` hold until a first move writes the row of flags. */
export function sqliteJournal(db: Database, tables: Tables, seeds: Seeds): Journal {
  const access = new Access(db, new Meter());
  const flags = new FlagsTable(db, seeds);
  const buckets = new BucketJournal(db);
  const rows = new RowJournal(db, tables);
  const { state } = tables;
  const snapshot = <T>(read: () => T): Promise<T> => access.read(() => db.transaction(read).deferred());
  const now = (): BoxState => ({ flags: flags.get(), dirty: dirtyNow(), has_points: buckets.hasPoints() });
  const dirtyNow = (): Dirty => summary(buckets, rows, flags.get().backfill_start_ms);

  const carryOut = <T extends Move>(decide: (state: BoxState) => T): T => {
    const move = decide(now());
    const current = flags.find();
    // Whoever was refused by a finalized box is told of where its events are kept now.
    if (current?.finalized === true) return move;
    // A box that is being closed stores nothing, but must tell how that went.
    if (current !== null) flags.put({ ...current, closing_until_ms: 0 });
    tables.audit.insert(move.audit);
    const next = move.flags ?? current;
    if (next !== null) flags.put(next);
    if (move.mark_all === true) rows.markAll(move.audit.timestamp_ms);
    if (move.forget !== undefined) state.forget(move.forget);
    if (move.end_sessions_until_ms !== undefined) {
      state.rememberEnded(move.end_sessions_until_ms);
      tables.sessions.removeAll();
    }
    return move;
  };

  return {
    flags: () => flags.get(),
    isSet: () => flags.find() !== null,
    move: (decide) => access.change(() => carryOut(decide)),
    state: () => snapshot(now),
    plan: (device, range) =>
      snapshot(() => ({ flags: flags.get(), dirty: buckets.spans(device, range), stamp: buckets.stamp(device) })),
    dirtyUser: (tenant_id, wanted) => snapshot(() => rows.user(tenant_id, wanted)),
    dirtyUsers: (tenant_id, page) => snapshot(() => rows.users(tenant_id, page)),
    dirtyEvents: (tenant_id, limit) => snapshot(() => rows.events(tenant_id, limit)),
    nextDirtyDevice: (after, since_ms) => access.read(() => buckets.nextDevice(after, since_ms)),
    dirtyBuckets: (device, since_ms, limit) => access.read(() => buckets.dirty(device, since_ms, limit)),
    versions: (bucket) => access.read(() => buckets.versions(bucket)),
    snapshot: (bucket) => snapshot(() => buckets.snapshot(bucket)),
    delivered: (bucket, version, update) => access.change(() => buckets.delivered(bucket, version, update)),
    undelivered: (bucket) => access.change(() => buckets.undelivered(bucket)),
    marked: (kinds, limit) => snapshot(() => rows.marked(kinds, limit)),
    markedAgain: (marks) => snapshot(() => rows.again(marks)),
    mark: (changed, now_ms) => access.change(() => rows.mark(changed, now_ms)),
    clear: (marks) => access.change(() => rows.clear(marks)),
    buckets: (walk) => access.read(() => buckets.walk(walk)),
    sample: (since_ms, count) => access.read(() => buckets.sample(since_ms, count)),
    compared: (bucket, version) => access.change(() => buckets.compared(bucket, version)),
    boxId: (candidate) => access.change(() => state.boxId(candidate)),
    load: (name) => access.read(() => state.load(name)),
    save: (name, value, isSo = () => true) =>
      access.change(() => {
        const so = isSo(flags.get());
        if (so) state.save(name, value);
        return so;
      }),
    lease: (name, holder, now_ms, ttl_ms) => access.change(() => state.lease(name, holder, now_ms, ttl_ms)),
    release: (name, holder) => access.change(() => state.release(name, holder)),
    saveCounters: (minute_ms, process, value) =>
      access.change(() => state.saveCounters(minute_ms, process, value, KEEP_COUNTERS_MS)),
    counters: (since_ms) => access.read(() => state.counters(since_ms)),
  };
}

function summary(buckets: BucketJournal, rows: RowJournal, since_ms: number): Dirty {
  const { count, oldest_ms } = buckets.count(since_ms);
  const counts = { ...NO_ROWS };
  const ages = oldest_ms === null ? [] : [oldest_ms];
  for (const row of rows.counts()) {
    counts[row.kind] = row.count;
    if (WITH_TELEMETRY.has(row.kind)) ages.push(row.oldest_ms);
  }
  const oldest = ages.length === 0 ? null : Math.min(...ages);
  return { buckets: count, rows: counts, oldest_ms: oldest, older_buckets: buckets.countOlder(since_ms) };
}
