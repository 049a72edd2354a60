import type { ServiceSpan } from '../observability/service-counts.ts';

/** What a box's processes answered, by the minute, and by the hour once that is long ago. No door reaches this. */
export interface ServiceHistory {
  /** Replaces what this process counted in these minutes. */
  save(process: string, minutes: readonly ServiceSpan[]): Promise<void>;
  /** Of all processes: minutes that begin then or later, and hours that had not ended. */
  since(since_ms: number): Promise<readonly ServiceSpan[]>;
  /** Puts old minutes into hours and forgets old hours. Safe to run twice and side by side. */
  rollUp(now_ms: number): Promise<void>;
}
