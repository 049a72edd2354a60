/** The catalogue: every function with its trigger and options, one line each. What they do is behind `doors`. */
import { onRequest, type HttpsOptions } from 'firebase-functions/v2/https';
import { onSchedule, type ScheduleOptions } from 'firebase-functions/v2/scheduler';
import { ACCOUNT, withSecrets } from './deployment.ts';
import { doors } from './doors.ts';
import { https, scheduled } from './runtime.ts';

const REGION = 'us-central1';

/** Calls that ask a store and little else: many at once on one instance. */
const QUERY = {
  ...ACCOUNT,
  region: REGION,
  memory: '512MiB',
  cpu: 1,
  concurrency: 80,
  timeoutSeconds: 60,
  invoker: 'public',
} satisfies HttpsOptions;
/** Calls that may hash a password: 64 MiB and a core for a quarter of a second each, two at a time. */
const PASSWORD = { ...QUERY, memory: '1GiB', concurrency: 20 } satisfies HttpsOptions;
/** Moves of the whole home: one at a time, and some take a while. */
const MOVE = { ...QUERY, concurrency: 4, timeoutSeconds: 300 } satisfies HttpsOptions;

const SWEEP = {
  ...ACCOUNT,
  region: REGION,
  memory: '512MiB',
  timeoutSeconds: 300,
  timeZone: 'Etc/UTC',
  retryCount: 1,
} satisfies Omit<ScheduleOptions, 'schedule'>;

export const ingestTelemetry = onRequest(QUERY, https(doors.ingestTelemetry));
/** Hosting sends all that a dashboard looks at here, so that it has one budget and one memory: decision 9. */
export const recentTelemetry = onRequest(
  QUERY,
  https(doors.recentTelemetry, doors.windowTelemetry, doors.latestTelemetry),
);
export const windowTelemetry = onRequest(QUERY, https(doors.windowTelemetry));
export const latestTelemetry = onRequest(QUERY, https(doors.latestTelemetry));
export const login = withSecrets(onRequest(PASSWORD, https(doors.login)), {
  AUTH_ADMIN_USERNAME: 'auth-admin-username',
  AUTH_ADMIN_PASSWORD_HASH: 'auth-admin-password-hash',
});
export const logout = onRequest(QUERY, https(doors.logout));
export const session = onRequest(QUERY, https(doors.session));
export const account = onRequest(PASSWORD, https(doors.account));
export const devices = onRequest(QUERY, https(doors.devices));
export const users = onRequest(PASSWORD, https(doors.users));
export const auditEvents = onRequest(QUERY, https(doors.auditEvents));
export const usage = onRequest(QUERY, https(doors.usage));
export const cutover = onRequest(MOVE, https(doors.cutover));
export const health = onRequest(QUERY, https(doors.health));
export const openapi = onRequest(QUERY, https(doors.openapi));

export const sweepSessions = onSchedule({ ...SWEEP, schedule: 'every 5 minutes' }, scheduled('sweepSessions'));
export const sweepRetention = onSchedule({ ...SWEEP, schedule: 'every 60 minutes' }, scheduled('sweepRetention'));
export const sealAudit = onSchedule({ ...SWEEP, schedule: 'every 10 minutes' }, scheduled('sealAudit'));
export const checkIndexReadiness = onSchedule(
  { ...SWEEP, schedule: 'every 5 minutes' },
  scheduled('checkIndexReadiness'),
);
export const compareStores = onSchedule({ ...SWEEP, schedule: 'every 5 minutes' }, scheduled('compareStores'));
export const guardCutover = onSchedule({ ...SWEEP, schedule: 'every 1 minutes' }, scheduled('guardCutover'));
