import type { Database, Statement } from 'better-sqlite3';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../clock.ts';
import { Meter } from '../../observability/meter.ts';
import { addServed, NOTHING_SERVED, StoredLatencies, type ServiceSpan } from '../../observability/service-counts.ts';
import type { ServiceHistory } from '../service-history.ts';
import { Access } from './driver.ts';

/** Two days by the minute, then by the hour: about 4,000 rows for one process, however long it runs. */
const KEEP_MINUTES_MS = 2 * DAY_MS;
const KEEP_HOURS_MS = 35 * DAY_MS;
/** Of rows that no process counted by itself. */
const NOBODY = '';

interface Row extends Omit<ServiceSpan, 'last_hundred'> {
  readonly last_hundred: string;
}

interface Stretch {
  readonly span_ms: number;
  readonly from_ms: number;
  readonly until_ms: number;
}

/** The statements on the one table. */
class ServiceSpans {
  readonly put: Statement<[Row & { process: string }]>;
  readonly find: Statement<[Stretch], Row>;
  readonly remove: Statement<[Stretch]>;
  readonly oldest: Statement<[number], { readonly start_ms: number | null }>;

  constructor(db: Database) {
    const columns = 'span_ms, start_ms, requests, failures, reads, dashboard_minutes, last_hundred';
    const values = columns.replaceAll(/\w+/g, (column) => `@${column}`);
    const within = 'span_ms = @span_ms AND start_ms >= @from_ms AND start_ms < @until_ms';
    this.put = db.prepare(`INSERT OR REPLACE INTO service_spans (${columns}, process) VALUES (${values}, @process)`);
    this.find = db.prepare(`SELECT ${columns} FROM service_spans WHERE ${within} ORDER BY start_ms`);
    this.remove = db.prepare(`DELETE FROM service_spans WHERE ${within}`);
    this.oldest = db.prepare('SELECT min(start_ms) AS start_ms FROM service_spans WHERE span_ms = ?');
  }
}

export function sqliteServiceHistory(db: Database): ServiceHistory {
  const access = new Access(db, new Meter());
  const spans = new ServiceSpans(db);
  const save = (process: string, span: ServiceSpan): void => {
    spans.put.run({ ...span, process, last_hundred: JSON.stringify(span.last_hundred) });
  };

  /** False when nothing was left to do. */
  const rollUpHour = (before_ms: number): boolean => {
    const { start_ms } = spans.oldest.get(MINUTE_MS) ?? { start_ms: null };
    if (start_ms === null || start_ms >= before_ms) return false;
    const from_ms = hourOf(start_ms);
    const minutes = { span_ms: MINUTE_MS, from_ms, until_ms: from_ms + HOUR_MS };
    const whole = { ...minutes, span_ms: HOUR_MS };
    const counted = [...spans.find.all(whole), ...spans.find.all(minutes)]
      .map(spanOf)
      .reduce(addServed, NOTHING_SERVED);
    save(NOBODY, { ...counted, start_ms: from_ms, span_ms: HOUR_MS });
    spans.remove.run(minutes);
    return true;
  };

  return {
    save: (process, minutes) => access.change(() => minutes.forEach((minute) => save(process, minute))),
    since: (since_ms) =>
      access.read(() => {
        const until_ms = Number.MAX_SAFE_INTEGER;
        const hours = spans.find.all({ span_ms: HOUR_MS, from_ms: hourOf(since_ms), until_ms });
        return [...hours, ...spans.find.all({ span_ms: MINUTE_MS, from_ms: since_ms, until_ms })].map(spanOf);
      }),
    rollUp: async (now_ms) => {
      const before_ms = hourOf(now_ms - KEEP_MINUTES_MS);
      while (await access.change(() => rollUpHour(before_ms)));
      const expired = { span_ms: HOUR_MS, from_ms: 0, until_ms: hourOf(now_ms - KEEP_HOURS_MS) };
      await access.change(() => spans.remove.run(expired));
    },
  };
}

function hourOf(time_ms: number): number {
  return time_ms - (time_ms % HOUR_MS);
}

function spanOf({ last_hundred, ...row }: Row): ServiceSpan {
  return { ...row, last_hundred: latenciesOf(last_hundred) };
}

/** Another release may have counted between other bounds: its latencies are not these, its answers are. */
function latenciesOf(text: string): readonly number[] {
  return StoredLatencies.catch([...NOTHING_SERVED.last_hundred]).parse(JSON.parse(text));
}
