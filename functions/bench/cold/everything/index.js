/** A function the way it is often written: everything imported at the top, from node_modules, and one Firestore read. */
import 'argon2';
import 'better-sqlite3';
import 'cockatiel';
import 'ipaddr.js';
import 'firebase-functions';
import { initializeApp } from 'firebase-admin/app';
import { getFirestore } from 'firebase-admin/firestore';
import { onRequest } from 'firebase-functions/v2/https';
import 'firebase-functions/v2/scheduler';
import 'zod';

initializeApp({ projectId: process.env.GCP_PROJECT_ID });

export const probe = onRequest(async (_request, response) => {
  await getFirestore().collection('telemetry').doc('none').get();
  response.status(200).end();
});
