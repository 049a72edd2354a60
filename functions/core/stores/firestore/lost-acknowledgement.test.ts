import type { Firestore } from '@google-cloud/firestore';
import assert from 'node:assert/strict';
import { MINUTE_MS } from '../../clock.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { Session } from '../../model/entities.ts';
import { MAX_SESSIONS_PER_USER } from '../../model/session-rules.ts';
import { Meter } from '../../observability/meter.ts';
import { ACME, NOW_MS, aSession, aTenant, aUser, anEvent } from '../suite/fixtures.ts';
import { connect } from './client.ts';
import { connectWitness, emulatorHost, freshProject } from './harness.ts';
import { firestoreBackend } from './open.ts';
import { rawFirestore } from './raw.ts';

const NEWEST_MS = NOW_MS + MINUTE_MS;

/** As the policy behaves when the first commit was made and its answer did not come back. */
function repeatTransactions(firestore: Firestore): void {
  const run = firestore.runTransaction.bind(firestore);
  firestore.runTransaction = async (work, options) => {
    await run(work, options);
    return run(work, options);
  };
}

describe('A sign-in whose acknowledgement was lost on the way from Firestore', () => {
  const project_id = freshProject();
  const [firestore, witness] = [connect(project_id, emulatorHost()), connectWitness(project_id)];
  const raw = rawFirestore(() => witness);
  const stores = firestoreBackend(firestore, { clock: { now_ms: () => NOW_MS }, cache: 'all' }).withMeter(new Meter());
  const { sessions, users } = stores.forTenant(ACME);
  const user = aUser();
  const open = (session: Session, event: AuditEvent) => sessions.open(session, user.password_hash, event);

  before(async () => {
    await stores.tenants.create(aTenant());
    await users.create(user, anEvent());
    for (let i = 0; i < MAX_SESSIONS_PER_USER; i += 1) {
      assert.equal(await open(aSession(user, { created_ms: NOW_MS + i }), anEvent()), 'opened');
    }
    repeatTransactions(firestore);
  });
  after(() => Promise.all([firestore.terminate(), witness.terminate()]));

  it('has opened its session, and ended one other', async () => {
    const [session, event] = [aSession(user, { created_ms: NEWEST_MS }), anEvent()];
    const before = await raw.sessions(ACME);
    for (const { token_sha256 } of before) await stores.credentials.findSession(token_sha256);
    assert.equal(await open(session, event), 'opened');
    const after = await raw.sessions(ACME);
    assert.equal(after.length, MAX_SESSIONS_PER_USER);
    const kept = new Set(after.map(({ session_id }) => session_id));
    assert(kept.has(session.session_id));
    const ended = before.filter(({ session_id }) => !kept.has(session_id));
    const told = (await raw.auditEvents(ACME)).find(({ event_id }) => event_id === event.event_id);
    assert.equal(await stores.credentials.findSession(ended[0]?.token_sha256 ?? ''), null);
    assert.deepEqual([`ended the oldest: ${ended[0]?.session_id}`, ended.length], [told?.detail, 1]);
  });

  it('is not taken for open because another session has its token, or its event is known', async () => {
    const known = (await raw.sessions(ACME)).find(({ created_ms }) => created_ms === NEWEST_MS);
    const [event] = await raw.auditEvents(ACME);
    assert(known !== undefined && event !== undefined);
    const fails = (session: Session, audit: AuditEvent) => assert.rejects(open(session, audit), { code: 6 });
    await fails(aSession(user, { token_sha256: known.token_sha256 }), anEvent());
    await fails(aSession(user), event);
    assert.equal((await raw.sessions(ACME)).length, MAX_SESSIONS_PER_USER);
  });
});
