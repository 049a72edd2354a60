/** What a deployed function is given beyond its code, and an emulated one is not: an account, and its secrets. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isEmulated } from '@bas/core/config';
import { defineString } from 'firebase-functions/params';
import type { HttpsFunction } from 'firebase-functions/v2/https';

/** Whom functions run as: `bas-app-prod@`, from `.env.PROJECT`. An emulator would stop and ask for it. */
export const ACCOUNT = isEmulated() ? {} : { serviceAccount: defineString('SERVICE_ACCOUNT') };

/** An emulator without this file would ask the real Secret Manager. */
const LOCAL = join(import.meta.dirname, '..', '.secret.local');

/**
 * Mounts secrets, by the name of their variable. A secret's own name has dashes, which `.secret.local` cannot hold, and
 * the `secrets` option of a function knows no other name for it.
 */
export function withSecrets(run: HttpsFunction, secrets: Readonly<Record<string, string>>): HttpsFunction {
  if (isEmulated() && !existsSync(LOCAL)) return run;
  run.__endpoint.secretEnvironmentVariables = Object.entries(secrets).map(([key, secret]) => ({ key, secret }));
  return run;
}
