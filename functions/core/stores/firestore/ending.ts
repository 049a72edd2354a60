import type { Session } from '../../model/entities.ts';
import type { Change, StoredDocument } from './documents.ts';
import { paths } from './paths.ts';
import type { QueryRequest } from './queries.ts';
import type { Request, Scope } from './request.ts';

const PAGE = 300;

/** Every session of a user or a tenant, to end with the change that ends them. */
export function endings(sessions: readonly StoredDocument[]): readonly Change[] {
  return sessions.map(({ fields }) => ({ kind: 'delete', path: paths.session(fields.text('token_sha256')) }));
}

export function sessionsOfUser({ documents, tenant_id }: Scope, user_id: string): Promise<readonly StoredDocument[]> {
  return documents.query(ofUser(tenant_id, user_id));
}

export function ofUser(tenant_id: string, user_id: string): QueryRequest {
  return { shape: 'sessionsOfUser', equal: [tenant_id, user_id], limit: PAGE };
}

/**
 * Ends what a sign-in stored between our look and our commit. One that began before the commit read the old user or
 * tenant, so it either was stored by now or fails; one that began later sees the change.
 */
export async function endStragglers(
  { documents, shared }: Request,
  request: QueryRequest,
  spare?: Session['token_sha256'],
): Promise<void> {
  for (;;) {
    const found = await documents.query(request);
    const left = found.filter(({ fields }) => fields.text('token_sha256') !== spare);
    if (left.length > 0) await documents.commit(endings(left));
    for (const { fields } of left) shared.sessions.forget(paths.session(fields.text('token_sha256')).id);
    if (found.length < request.limit) return;
  }
}
