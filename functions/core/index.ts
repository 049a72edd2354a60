/** What a door may use. Stores are not here: a handler receives its own, already bound to one tenant. */
export { openRoute, operatorRoute, sessionRoute, signInRoute, writerRoute, type Door } from './http/route.ts';
export { askWithin, cacheable, freshEnough } from './http/cacheable.ts';
export { ListQuery } from './http/paging.ts';
export { parseInput } from './http/query.ts';
export { openApiDocument } from './http/openapi.ts';
export * from './http/answers.ts';
export { DeviceId } from './model/names.ts';
export { admitPoints, IngestBody } from './telemetry/incoming.ts';
export { ingest } from './telemetry/ingest.ts';
export { isLastHundred } from './telemetry/last-hundred.ts';
export { recentPage, RecentQuery, windowPage, WindowQuery } from './telemetry/query-page.ts';
export { allDevices, latestOf, LatestQuery } from './telemetry/latest.ts';
export { auditPage, AuditQuery } from './audit/query.ts';
export {
  deviceAnswer,
  issueDeviceKey,
  listDevices,
  listShownDevices,
  registerDevice,
  revokeDeviceKey,
  shownDevice,
  updateDevice,
} from './devices/devices.ts';
export { DeviceBody, DevicePatchBody } from './devices/body.ts';
export { usagePage, UsageQuery } from './usage/query.ts';
export { CutoverAnswer, CutoverBody } from './cutover/shapes.ts';
export {
  changePassword,
  listSessions,
  ownSession,
  PasswordChangeBody,
  revokeSession,
  signOut,
} from './sessions/account.ts';
export { clearSessionCookie } from './sessions/cookie.ts';
export { SignInBody } from './sessions/sign-in.ts';
export { createUser, listUsers, updateUser, UserBody, UserPatchBody } from './users/users.ts';
