import * as z from 'zod';
import type { Answer, Caller } from './client.ts';

const Page = z.object({
  points: z.array(z.object({ timestamp_ms: z.number(), metrics: z.record(z.string(), z.unknown()) })),
  next_cursor: z.string().nullable(),
});
export type PageOfPoints = z.infer<typeof Page>;

export interface SentPoint {
  readonly timestamp_ms: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** Parses a page of points, failing with the answer's text when it is none. */
export function pageOf(answer: Answer): PageOfPoints {
  if (answer.status !== 200) throw new Error(`${String(answer.status)}: ${answer.text}`);
  return Page.parse(answer.json());
}

export function postPoints(caller: Caller, device_id: string, points: readonly unknown[]): Promise<Answer> {
  return caller.post('/v1/telemetry', { device_id, points });
}

/** Follows `next_cursor` to the end; `between` runs after each page, for what happens while someone pages. */
export async function allPages(caller: Caller, path: string, between?: () => Promise<void>): Promise<SentPoint[]> {
  const points: SentPoint[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`;
    const page = pageOf(await caller.get(more));
    points.push(...page.points);
    cursor = page.next_cursor;
    await between?.();
  } while (cursor !== null);
  return points;
}

/** What `aggregate=avg` must answer for the metric `t`, worked out plainly. */
export function averages(points: readonly SentPoint[], interval_ms: number): SentPoint[] {
  const groups = Map.groupBy(points, ({ timestamp_ms }) => Math.floor(timestamp_ms / interval_ms) * interval_ms);
  return [...groups].map(([timestamp_ms, group]) => {
    const sum = group.reduce((total, { metrics }) => total + Number(metrics['t']), 0);
    return { timestamp_ms, metrics: { t: sum / group.length } };
  });
}

/** An answer without what differs from request to request. */
export function masked(text: string): string {
  return text.replace(/"request_id":"[^"]+"/, '"request_id":""');
}
