import type { Firestore } from '@google-cloud/firestore';
import type { Clock } from '../../clock.ts';
import type { ReadCache } from '../../config.ts';
import type { Meter } from '../../observability/meter.ts';
import type { Dependencies } from '../../resilience/dependencies.ts';
import type { Backend, CredentialStore, Stores, TenantStores } from '../contracts.ts';
import type { Home } from '../open.ts';
import { Admission } from './admission.ts';
import { FirestoreAuditLog } from './audit.ts';
import { connect } from './client.ts';
import { closeSoon } from './closing.ts';
import { deviceKeys, sessions } from './converters.ts';
import { FirestoreDevices } from './devices.ts';
import type { CloudSide } from '../box/open.ts';
import { Documents } from './documents.ts';
import { FirestoreMirror } from './mirror.ts';
import { paths } from './paths.ts';
import { DEADLINE_MS } from './patience.ts';
import { StorePolicy } from './policy.ts';
import { openRequest, share, type Request, type Scope, type Shared, type SharedParts } from './request.ts';
import { FirestoreSessions } from './sessions.ts';
import { FirestoreSweeps } from './sweeps.ts';
import { telemetryStore } from './telemetry/store.ts';
import { FirestoreTenants } from './tenants.ts';
import { FirestoreThrottle } from './throttle.ts';
import { FirestoreUsage } from './usage.ts';
import { FirestoreUsers } from './users.ts';

export interface FirestoreOptions {
  readonly project_id: string;
  readonly emulator_host: string | undefined;
  readonly cache: ReadCache;
  readonly clock: Clock;
  /** Where this process keeps what it knows of the services that it calls. */
  readonly dependencies?: Dependencies;
}

/** Firestore beside a box's SQLite file: one client for what the box reads, delivers and becomes. */
export function openCloudSide({ project_id, emulator_host, cache, clock, dependencies }: FirestoreOptions): CloudSide {
  const firestore = connect(project_id, emulator_host);
  const policy = new StorePolicy(dependencies);
  return {
    reads: firestoreBackend(firestore, { clock, cache: 'none', policy }),
    finalized: firestoreBackend(firestore, { clock, cache, policy }),
    mirror: (meter) => new FirestoreMirror(new Documents(firestore, meter, policy, DEADLINE_MS)),
  };
}

/** Firestore alone: the cloud's functions, or a box after its cutover. */
export function openCloudHome(options: FirestoreOptions): Omit<Home, 'box'> {
  const { project_id, emulator_host, cache, clock, dependencies } = options;
  const firestore = connect(project_id, emulator_host);
  const policy = new StorePolicy(dependencies);
  const readFlags = (meter: Meter) => new FirestoreMirror(new Documents(firestore, meter, policy)).readFlags();
  const admission = new Admission({ clock, readFlags });
  return { backend: firestoreBackend(firestore, { clock, cache, policy }), admit: (meter) => admission.admit(meter) };
}

/** The cloud's store. Many instances share it; what each remembers is bounded in size and in age. */
export function firestoreBackend(firestore: Firestore, parts: SharedParts): Backend {
  const shared = share(firestore, parts);
  return {
    name: 'firestore',
    withMeter: (meter) => storesOf(shared, meter),
    close: () => closeSoon(firestore),
  };
}

function storesOf(shared: Shared, meter: Meter): Stores {
  const request = openRequest(shared, meter);
  return {
    credentials: credentialsOf(request),
    tenants: new FirestoreTenants(request),
    throttle: new FirestoreThrottle(request),
    sweeps: new FirestoreSweeps(request),
    forTenant: (tenant_id) => tenantStores({ ...request, tenant_id }),
  };
}

function credentialsOf({ documents, shared }: Request): CredentialStore {
  return {
    findKey: (key_id) => {
      const path = paths.deviceKey(key_id);
      documents.touch();
      return shared.keys.recall(path.id, async () => {
        const document = await documents.get(path);
        return document === null ? null : deviceKeys.read(document.fields);
      });
    },
    // A home on Firestore alone has moved for good.
    endedByMove: () => Promise.resolve(false),
    findSession: (token_sha256) => {
      const path = paths.session(token_sha256);
      documents.touch();
      return shared.sessions.recall(path.id, async () => {
        const document = await documents.get(path);
        return document === null ? null : sessions.read(document.fields);
      });
    },
  };
}

function tenantStores(scope: Scope): TenantStores {
  return {
    tenant_id: scope.tenant_id,
    telemetry: telemetryStore(scope),
    devices: new FirestoreDevices(scope),
    users: new FirestoreUsers(scope),
    sessions: new FirestoreSessions(scope),
    audit: new FirestoreAuditLog(scope),
    usage: new FirestoreUsage(scope),
  };
}
