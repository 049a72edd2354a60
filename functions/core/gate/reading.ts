/** One look at Firestore, from question to findings. */
import { compareComposites } from './composites.ts';
import { compareFields } from './fields.ts';
import type { FreshFinding } from './findings.ts';
import { AdminFailure, type AdminFailureCode, type IndexAdmin, type Observed } from './observed.ts';
import type { Required } from './required.ts';

/** Where to look: an emulator has nothing to be asked. */
export type GateTarget =
  | { readonly kind: 'emulator'; readonly host: string }
  | { readonly kind: 'cloud'; readonly project_id: string; readonly connect: () => Promise<IndexAdmin> };

/** Asks the Admin API and compares. A failure to learn is a finding too; only a mistake of ours throws. */
export async function takeReading(target: GateTarget, required: Required): Promise<readonly FreshFinding[]> {
  if (target.kind === 'emulator') return [emulatorFinding(`Firestore emulator at ${target.host}`)];
  const { project_id } = target;
  try {
    return compare(await observe(target.connect), required, project_id);
  } catch (error) {
    if (error instanceof AdminFailure) return [failureFinding(error, project_id)];
    throw error;
  }
}

async function observe(connect: () => Promise<IndexAdmin>): Promise<Observed> {
  const admin = await connect();
  try {
    return await admin.observe();
  } finally {
    await admin.close();
  }
}

/** Pure: what there is against what there must be. */
export function compare(observed: Observed, required: Required, project_id: string): FreshFinding[] {
  return [
    ...compareComposites(required.composites, observed.indexes, project_id),
    ...compareFields(required.fields, observed.fields, project_id),
  ];
}

function emulatorFinding(subject: string): FreshFinding {
  const detail =
    'an emulator has no Admin API and enforces no index, so nothing is proven here; to go on all the same, say --emulator.';
  return { code: 'emulator', subject, detail, concern: null };
}

function failureFinding({ code, message }: AdminFailure, project_id: string): FreshFinding {
  const subject = `Firestore Admin API of project ${project_id}`;
  if (code === 'unimplemented') return emulatorFinding(subject);
  return { code, subject, detail: REMEDIES[code](project_id, message), concern: null };
}

type Remedy = (project_id: string, message: string) => string;

const REMEDIES: Readonly<Record<Exclude<AdminFailureCode, 'unimplemented'>, Remedy>> = {
  permission_denied: (project_id) =>
    `not allowed; grant the account that this runs as roles/datastore.viewer in ${project_id}, or a role of your own with ` +
    'datastore.indexes.list and datastore.indexes.get.',
  api_disabled: (project_id) =>
    `switched off; run gcloud services enable firestore.googleapis.com --project=${project_id}.`,
  unauthenticated: (_, message) =>
    `no valid credentials; run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS (${message}).`,
  unreachable: (_, message) => `no answer; look at the network and at status.cloud.google.com (${message}).`,
  database_missing: (project_id, message) =>
    `project or database not found; set GCP_PROJECT_ID, now ${project_id}, or create the database (${message}).`,
  busy: () => 'over its quota of requests; it is asked again later.',
  unexpected: (_, message) => `answered what this version does not understand: ${message}.`,
};
