import * as z from 'zod';
import { DAY_MS, MINUTE_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { Visit } from '../http/exchange.ts';
import { JsonText } from '../http/message.ts';
import { wholeNumber } from '../http/query.ts';
import { decodeCursor, encodeCursor, type CursorScope } from '../model/cursor.ts';
import type { Device } from '../model/entities.ts';
import { isMetricName, DeviceId } from '../model/names.ts';
import { MAX_METRICS_PER_POINT, type Point } from '../model/point.ts';
import { MAX_CLOCK_AHEAD_MS, oldestKept_ms, TELEMETRY_RETENTION_MS } from '../model/retention.ts';
import type { TenantStores, TimeRange } from '../stores/contracts.ts';
import { Aggregate, aggregatePage } from './aggregate.ts';
import { collectPage, Cut, type Page } from './collect.ts';
import type { ScanSize } from './scans.ts';

const DEFAULT_INTERVAL_MS = MINUTE_MS;
/** What a dashboard polls for each of its devices. */
const SHORT_PAGE = 100;

const MetricNames = z
  .string()
  .transform((list) => [...new Set(list.split(','))].sort())
  .refine(
    (names) => names.length <= MAX_METRICS_PER_POINT && names.every(isMetricName),
    'must be metric names, comma-separated',
  );

const Paging = {
  limit: wholeNumber(1, 1_000).default(SHORT_PAGE),
  metrics: MetricNames.optional(),
  cursor: z.string().min(1).optional(),
};
const Instant = wholeNumber(0, 8_640_000_000_000_000);

export const RecentQuery = z.strictObject({ device_id: DeviceId, ...Paging });
export type RecentQuery = z.infer<typeof RecentQuery>;

export const WindowQuery = z
  .strictObject({
    device_id: DeviceId,
    start_ms: Instant,
    end_ms: Instant,
    interval_ms: wholeNumber(1, 90 * DAY_MS).optional(),
    aggregate: Aggregate.optional(),
    ...Paging,
  })
  .refine(({ start_ms, end_ms }) => start_ms < end_ms, { path: ['end_ms'], message: 'must be later than start_ms' })
  .refine(({ start_ms, end_ms }) => end_ms - start_ms <= TELEMETRY_RETENTION_MS, {
    path: ['end_ms'],
    message: 'must be at most 90 days after start_ms',
  })
  .refine(({ interval_ms, aggregate }) => (interval_ms === undefined) === (aggregate === undefined), {
    path: ['aggregate'],
    message: 'goes together with interval_ms',
  });
export type WindowQuery = z.infer<typeof WindowQuery>;

type PageQuery = RecentQuery & Partial<Pick<WindowQuery, 'interval_ms' | 'aggregate'>>;

const Place = z.number().int();

/** The newest points of a device, page by page. */
export async function recentPage(
  stores: TenantStores,
  device: Device,
  query: RecentQuery,
  visit: Visit,
): Promise<JsonText> {
  const range = { start_ms: 0, end_ms: visit.now_ms + MAX_CLOCK_AHEAD_MS + 1 };
  return pageOf(stores, device, range, query, visit);
}

/** The points of a device in a window, or their aggregates by interval, newest first, page by page. */
export async function windowPage(
  stores: TenantStores,
  device: Device,
  query: WindowQuery,
  visit: Visit,
): Promise<JsonText> {
  return pageOf(stores, device, query, query, visit);
}

async function pageOf(
  stores: TenantStores,
  device: Device,
  window: TimeRange,
  query: PageQuery,
  visit: Visit,
): Promise<JsonText> {
  const { cursor, ...identity } = query;
  const scope: CursorScope = { tenant_id: stores.tenant_id, function: visit.function_name, query: identity };
  const before_ms = cursor === undefined ? window.end_ms : decodeCursor(scope, Place, cursor);
  if (before_ms > window.end_ms) throw new Problem('invalid_cursor', 'Start again without a cursor.');
  const start_ms = Math.max(window.start_ms, oldestKept_ms(visit.now_ms));
  const range = { start_ms, end_ms: before_ms };
  const { limit, interval_ms, aggregate, metrics: names } = query;
  const expected =
    interval_ms === undefined ? limit + 1 : expectedPoints(device, Math.min(limit * interval_ms, before_ms - start_ms));
  const cut = new Cut(range.end_ms, interval_ms);
  const options = { expected, now_ms: visit.now_ms, mayStop: (below_ms: number) => cut.mayStop(below_ms) };
  const page = await visit.scan(sizeOf(query), (turn) => {
    const chunks = stores.telemetry.scan(device, range, options);
    return interval_ms === undefined || aggregate === undefined
      ? collectPage(chunks, { limit, names, turn, cut })
      : aggregatePage(chunks, { interval_ms, aggregate, limit, names, turn, cut });
  });
  return pageText(device.device_id, page, scope, { interval_ms, aggregate });
}

/** What a filter leaves out or an aggregate takes in is looked at as well. */
function sizeOf({ limit, metrics, interval_ms }: PageQuery): ScanSize {
  return limit <= SHORT_PAGE && metrics === undefined && interval_ms === undefined ? 'short' : 'long';
}

function expectedPoints(device: Device, span_ms: number): number {
  return Math.ceil(span_ms / (device.expected_interval_ms ?? DEFAULT_INTERVAL_MS)) + 1;
}

function pageText(
  device_id: string,
  page: Page,
  scope: CursorScope,
  echo: { interval_ms: number | undefined; aggregate: string | undefined },
): JsonText {
  const head = JSON.stringify({ device_id, ...echo }).slice(0, -1);
  const next_cursor = page.next_before_ms === null ? null : encodeCursor(scope, page.next_before_ms);
  return new JsonText(`${head},"points":${pointsText(page.points)},"next_cursor":${JSON.stringify(next_cursor)}}`);
}

/** Points as JSON, from the text they are stored as: no value is parsed on its way out. */
export function pointsText(points: readonly Point[]): string {
  let text = '[';
  for (const { timestamp_ms, metrics } of points) {
    if (text.length > 1) text += ',';
    text += `{"timestamp_ms":${String(timestamp_ms)},"metrics":${metrics}}`;
  }
  return `${text}]`;
}
