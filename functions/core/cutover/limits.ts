/** How long is long enough for a move, for whoever judges one and for whoever shows how it stands. */
import { HOUR_MS, MINUTE_MS } from '../clock.ts';

export const DEFAULT_MIN_GREEN_MS = 24 * HOUR_MS;

/** Devices write all the time, so something is always on its way; what is dirty for longer is stuck. */
export const SETTLED_MS = 2 * MINUTE_MS;
