/**
 * The suite as it would be without care for cold starts: every function's code, both stores and every package imported
 * at the top, from node_modules. It answers what `recentTelemetry` answers.
 */
import 'argon2';
import 'better-sqlite3';
import 'firebase-admin/app';
import 'firebase-admin/firestore';
import 'firebase-functions';
import 'firebase-functions/v2/scheduler';
import { onRequest } from 'firebase-functions/v2/https';
import * as firestore from '../../../core/stores/firestore/open.ts';
import * as sqlite from '../../../core/stores/sqlite/open.ts';
import * as sweeps from '../../../core/sweeps.ts';
import account from '../../../src/https/account.ts';
import auditEvents from '../../../src/https/audit-events.ts';
import cutover from '../../../src/https/cutover.ts';
import devices from '../../../src/https/devices.ts';
import health from '../../../src/https/health.ts';
import ingestTelemetry from '../../../src/https/ingest-telemetry.ts';
import latestTelemetry from '../../../src/https/latest-telemetry.ts';
import login from '../../../src/https/login.ts';
import logout from '../../../src/https/logout.ts';
import openapi from '../../../src/https/openapi.ts';
import recentTelemetry from '../../../src/https/recent-telemetry.ts';
import session from '../../../src/https/session.ts';
import usage from '../../../src/https/usage.ts';
import users from '../../../src/https/users.ts';
import windowTelemetry from '../../../src/https/window-telemetry.ts';
import { https } from '../../../src/runtime.ts';

/** Named, so that no bundler leaves any of it out. */
export const everything = [
  ...[firestore, sqlite, sweeps],
  ...[account, auditEvents, cutover, devices, health, ingestTelemetry, latestTelemetry, login],
  ...[logout, openapi, session, usage, users, windowTelemetry],
];

export const probe = onRequest(https(() => Promise.resolve({ default: recentTelemetry })));
