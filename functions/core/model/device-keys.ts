/** Live keys of one device: two, so that a controller can be moved to a new one while the old one still works. */
export const MAX_LIVE_KEYS = 2;
