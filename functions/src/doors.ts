import type { LoadDoor } from '@bas/core/http/match';

/** Every HTTPS function by name, loaded on its first call: a cold start pays for what it needs and no more. */
export const doors = {
  ingestTelemetry: () => import('./https/ingest-telemetry.ts'),
  recentTelemetry: () => import('./https/recent-telemetry.ts'),
  windowTelemetry: () => import('./https/window-telemetry.ts'),
  latestTelemetry: () => import('./https/latest-telemetry.ts'),
  login: () => import('./https/login.ts'),
  logout: () => import('./https/logout.ts'),
  session: () => import('./https/session.ts'),
  account: () => import('./https/account.ts'),
  devices: () => import('./https/devices.ts'),
  users: () => import('./https/users.ts'),
  auditEvents: () => import('./https/audit-events.ts'),
  usage: () => import('./https/usage.ts'),
  cutover: () => import('./https/cutover.ts'),
  health: () => import('./https/health.ts'),
  openapi: () => import('./https/openapi.ts'),
} satisfies Record<string, LoadDoor>;
