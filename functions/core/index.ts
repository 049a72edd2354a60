/** What a door may use. Stores are not here: a handler receives its own, already bound to one tenant. */
export { Problem } from './errors.ts';
export { sha256 } from './ids.ts';
export { openRoute, sessionRoute, signInRoute, writerRoute, type Door, type Route } from './http/route.ts';
export { cacheable, freshEnough } from './http/cacheable.ts';
export { parseInput, wholeNumber } from './http/query.ts';
export { openApiDocument } from './http/openapi.ts';
export { JsonText, type Reply } from './http/message.ts';
export * from './http/answers.ts';
export { decodeCursor, encodeCursor } from './model/cursor.ts';
export { DeviceId, TenantId, Username } from './model/names.ts';
export { AuditAction } from './model/audit.ts';
export { IngestBody } from './telemetry/incoming.ts';
export { ingest } from './telemetry/ingest.ts';
export { recentPage, RecentQuery, windowPage, WindowQuery } from './telemetry/query-page.ts';
export { allDevices, latestOf, LatestQuery } from './telemetry/latest.ts';
export { auditPage, AuditQuery } from './audit/query.ts';
export {
  deviceAnswer,
  DeviceBody,
  DevicePatchBody,
  issueDeviceKey,
  listDevices,
  ListQuery,
  registerDevice,
  revokeDeviceKey,
  updateDevice,
} from './devices/devices.ts';
export { healthOf } from './observability/health.ts';
export { NewPassword, TriedPassword } from './passwords/rules.ts';
export {
  changePassword,
  listSessions,
  ownSession,
  PasswordChangeBody,
  revokeSession,
  SessionListQuery,
  signOut,
} from './sessions/account.ts';
export { clearSessionCookie } from './sessions/cookie.ts';
export { SignInBody } from './sessions/sign-in.ts';
export { createUser, listUsers, updateUser, UserBody, UserListQuery, UserPatchBody } from './users/users.ts';
