import { Problem } from '../../errors.ts';
import type { Tenant } from '../../model/entities.ts';
import { ALL_FIRESTORE } from '../../model/flags.ts';
import type { ListPage, TenantStore } from '../contracts.ts';
import { tenants } from './converters.ts';
import { putCloudFlags } from './cloud-flags.ts';
import { endStragglers } from './ending.ts';
import { paths } from './paths.ts';
import { LOST, untilWon } from './patience.ts';
import { afterId } from './queries.ts';
import type { Request } from './request.ts';

const MOVING = 'A box is moving to this database: create the tenant on the box, or name another project.';
const SESSIONS_PER_COMMIT = 300;

export class FirestoreTenants implements TenantStore {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  get(tenant_id: string): Promise<Tenant | null> {
    const { documents, shared } = this.#request;
    const path = paths.tenant(tenant_id);
    documents.touch();
    return shared.tenants.recall(path.id, async () => {
      const document = await documents.get(path);
      return document === null ? null : tenants.read(document.fields);
    });
  }

  async list({ after, limit }: ListPage): Promise<readonly Tenant[]> {
    const place = after === undefined ? undefined : afterId(after);
    const found = await this.#request.documents.query({ shape: 'tenants', equal: [], after: place, limit });
    return found.map(({ fields }) => tenants.read(fields));
  }

  /** A database that is nobody's yet becomes this home's with it; one that a box is moving to is refused. */
  async create(tenant: Tenant): Promise<'created' | 'exists'> {
    const { documents } = this.#request;
    const path = paths.tenant(tenant.tenant_id);
    const created = await documents.transaction(async (scope, unsure) => {
      const [flags, known] = await scope.getAll([paths.cloudFlags(), path]);
      if (flags && !flags.fields.flag('finalized')) return 'moving';
      if (known) return unsure && isSame(tenants.read(known.fields), tenant) ? 'created' : 'exists';
      if (!flags) scope.change(putCloudFlags({ flags: ALL_FIRESTORE, updated_ms: tenant.created_ms }));
      scope.change({ kind: 'create', path, fields: tenants.write(tenant) });
      return 'created';
    });
    if (created === 'moving') throw new Problem('precondition_failed', MOVING);
    return created;
  }

  /** The sessions go after the change: no sign-in that began before it can outlive it, and none begins later. */
  async setDisabled(tenant_id: string, disabled: boolean): Promise<Tenant | null> {
    const { documents, shared } = this.#request;
    const path = paths.tenant(tenant_id);
    const changed = await untilWon(async () => {
      const document = await documents.get(path);
      if (document === null) return null;
      const tenant: Tenant = { ...tenants.read(document.fields), disabled };
      const times = await documents.commit([
        { kind: 'update', path, fields: [[['disabled'], disabled]], at: document.updated },
      ]);
      return times === null ? LOST : tenant;
    }).finally(() => {
      shared.tenants.forget(path.id);
      shared.sessions.forgetWhere((session) => session.tenant_id === tenant_id);
    });
    if (changed !== null && disabled) {
      await endStragglers(this.#request, {
        shape: 'sessionsOfTenant',
        equal: [tenant_id],
        limit: SESSIONS_PER_COMMIT,
      });
    }
    return changed;
  }
}

function isSame(stored: Tenant, { tenant_id, name, created_ms }: Tenant): boolean {
  return stored.tenant_id === tenant_id && stored.name === name && stored.created_ms === created_ms;
}
