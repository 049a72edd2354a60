/**
 * The only way to obtain stores: a credential that proves its tenant, and a header that names the same one. What comes
 * out is bound to that tenant, so a handler cannot ask for another's data.
 */
import { Problem } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { AuditAction } from '../model/audit.ts';
import type { Device, Session } from '../model/entities.ts';
import { DeviceId } from '../model/names.ts';
import { mayUse, type Permission } from '../model/role.ts';
import type { Attempt } from '../sessions/throttle.ts';
import type { TenantStores } from '../stores/contracts.ts';

export interface TenantAccess {
  readonly stores: TenantStores;
  /** The device, or 403 `device_forbidden`, the same bytes whether it is another tenant's or nobody's. */
  readonly device: (device_id: string) => Promise<Device>;
}

export interface SessionAccess extends TenantAccess {
  readonly session: Session;
  /** Runs a try of the user's own password, counted and refused like any other try to sign in. */
  readonly countedTry: <T>(action: AuditAction, attempt: () => Promise<Attempt<T>>) => Promise<T>;
}

/** Who may post telemetry: one device with its key, or a person whose role writes. */
export interface WriterAccess {
  readonly stores: TenantStores;
  /** The device if this writer may write to it, else 403 `device_forbidden`. */
  readonly writable: (device_id: string) => Promise<Device>;
}

/** First check of every route that has a tenant: the header is there at all. */
export function requireTenantHeader(exchange: Exchange): string {
  const header = exchange.tenantHeader();
  if (header === undefined || header === '') {
    const name = exchange.suite.config.tenant_header;
    throw new Problem('tenant_mismatch', `Send the header ${name} with the id of your tenant.`);
  }
  return header;
}

/** After the credential: what it proves must be what the header names. */
export function requireSameTenant(exchange: Exchange, tenant_id: string): void {
  exchange.proven.tenant_id = tenant_id;
  if (requireTenantHeader(exchange) !== tenant_id) {
    const name = exchange.suite.config.tenant_header;
    const claimed = exchange.tenantHeader();
    throw new Problem('tenant_mismatch', `The header ${name} names another tenant than your credential.`, { claimed });
  }
}

export function requirePermission(session: Session, permission: Permission): void {
  if (!mayUse(session.role, permission)) {
    throw new Problem('role_required', `Your role, ${session.role}, may not do this; ask an administrator.`);
  }
}

export function deviceForbidden(claimed: string): Problem {
  return new Problem('device_forbidden', 'Check the device id, or register the device first.', { claimed });
}

/** A view of one tenant for someone who has proven to belong to it. */
export function tenantAccess(stores: TenantStores, exchange: Pick<Exchange, 'device_id'>): TenantAccess {
  const asked = new Set<string>();
  return {
    stores,
    async device(device_id) {
      asked.add(device_id);
      const device = DeviceId.safeParse(device_id).success ? await stores.devices.get(device_id) : null;
      if (device === null) throw deviceForbidden(device_id);
      // A question about several is nobody's in particular: what it costs is the tenant's.
      exchange.device_id = asked.size === 1 ? device_id : undefined;
      return device;
    },
  };
}
