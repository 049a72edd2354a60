/** In whose name a client asks: the Application Default Credentials. */
import { GoogleAuth } from 'google-gax';
import type { Firestore } from '@google-cloud/firestore';
import { CODES } from './verdicts.ts';

/** What the generated client asks for when it looks for credentials by itself. */
const SCOPES = ['https://www.googleapis.com/auth/cloud-platform', 'https://www.googleapis.com/auth/datastore'];

/** Said here, it need not be asked of the metadata server, which a cold start would wait for. */
export const UNIVERSE = 'googleapis.com';

const identities = new WeakMap<Firestore, GoogleAuth>();

/** Credentials of one project's clients, looked for once they are needed. */
export function identityIn(project_id: string): GoogleAuth {
  return new GoogleAuth({ projectId: project_id, universeDomain: UNIVERSE, scopes: SCOPES });
}

/** The client, whose calls are to wait for these; an emulator's have none. */
export function identifiedBy(identity: GoogleAuth, firestore: Firestore): Firestore {
  identities.set(firestore, identity);
  return firestore;
}

/**
 * Ends when the client has credentials, which it then keeps; a failure is UNAUTHENTICATED, and the next call looks again.
 * Waited for before each call: when a call starts the client itself and there are none, the client ends the process.
 */
export async function identified(firestore: Firestore): Promise<void> {
  try {
    await identities.get(firestore)?.getClient();
  } catch (error) {
    throw Object.assign(new Error('there are no credentials', { cause: error }), { code: CODES.UNAUTHENTICATED });
  }
}
