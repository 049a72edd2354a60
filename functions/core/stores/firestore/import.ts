import { setTimeout as sleep } from 'node:timers/promises';
import type { HomeConfig } from '../../config.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { BucketSpan } from '../../model/bucket.ts';
import type { Device, Tenant, User } from '../../model/entities.ts';
import { planWrite, type BucketChange, type Receipt } from '../../model/write-plan.ts';
import { Meter } from '../../observability/meter.ts';
import type { ImportBucket, ImportStore } from '../import.ts';
import { auditChange } from './audit.ts';
import { connect } from './client.ts';
import { auditEvents, devices, tenants, users } from './converters.ts';
import { Documents, type Change, type FieldChange, type StoredDocument } from './documents.ts';
import { paths } from './paths.ts';
import { DEADLINE_MS, LOST, untilWon } from './patience.ts';
import { StorePolicy } from './policy.ts';
import { SharedCommits } from './shared-commits.ts';
import { Bucket, newBucketFields } from './telemetry/bucket.ts';

const CLOSING_MS = 2_000;

/** A project's Firestore. A bucket that is not there yet is one write and no read. */
export function openFirestoreImport(home: Extract<HomeConfig, { kind: 'firestore' }>): ImportStore {
  const firestore = connect(home.project_id, home.emulator_host);
  const meter = new Meter();
  const closeSoon = async (): Promise<void> => {
    await Promise.race([firestore.terminate(), sleep(CLOSING_MS, undefined, { ref: false })]);
  };
  const documents = new Documents(firestore, meter, new StorePolicy(), DEADLINE_MS);
  return new FirestoreImport(documents, meter, closeSoon);
}

class FirestoreImport implements ImportStore {
  readonly name = 'firestore';
  readonly cost: Meter;
  readonly close: () => Promise<void>;
  readonly #documents: Documents;
  readonly #buckets: SharedCommits;

  constructor(documents: Documents, meter: Meter, close: () => Promise<void>) {
    this.#documents = documents;
    this.#buckets = new SharedCommits(documents);
    this.cost = meter;
    this.close = close;
  }

  async tenant(tenant_id: string): Promise<Tenant | null> {
    const document = await this.#documents.get(paths.tenant(tenant_id));
    return document === null ? null : tenants.read(document.fields);
  }

  async createTenant(tenant: Tenant): Promise<void> {
    await this.#commit([{ kind: 'create', path: paths.tenant(tenant.tenant_id), fields: tenants.write(tenant) }]);
  }

  async device(tenant_id: string, device_id: string): Promise<Device | null> {
    const document = await this.#documents.get(paths.device(tenant_id, device_id));
    return document === null ? null : devices.read(document.fields);
  }

  registerDevice(device: Device): Promise<boolean> {
    const path = paths.device(device.tenant_id, device.device_id);
    return this.#commit([{ kind: 'create', path, fields: devices.write(device) }]);
  }

  async user({ tenant_id, user_id, username }: Pick<User, 'tenant_id' | 'user_id' | 'username'>): Promise<User | null> {
    const byId = await this.#ownUser(tenant_id, user_id);
    if (byId !== null) return byId;
    const guard = await this.#documents.get(paths.username(tenant_id, username));
    return guard === null ? null : this.#ownUser(tenant_id, guard.fields.text('user_id'));
  }

  putUser(user: User): Promise<boolean> {
    const { tenant_id, user_id, username } = user;
    return this.#commit([
      { kind: 'create', path: paths.user(user_id), fields: users.write(user) },
      { kind: 'create', path: paths.username(tenant_id, username), fields: { tenant_id, username, user_id } },
    ]);
  }

  async events(wanted: readonly AuditEvent[]): Promise<readonly (AuditEvent | null)[]> {
    const documents = await this.#documents.getAll(wanted.map(({ event_id }) => paths.auditEvent(event_id)));
    return documents.map((document) => (document === null ? null : auditEvents.read(document.fields)));
  }

  /** Most of the time none is there. When one is, the commit fails as a whole, and then it is asked which. */
  async putEvents(events: readonly AuditEvent[]): Promise<readonly boolean[]> {
    if (await this.#commit(events.map(auditChange))) return events.map(() => true);
    return untilWon(async () => {
      const known = await this.events(events);
      const free = events.filter((_event, at) => known[at] === null);
      if (free.length > 0 && !(await this.#commit(free.map(auditChange)))) return LOST;
      return known.map((event) => event === null);
    });
  }

  async points({ tenant_id, device_id }: Device, { start_ms }: BucketSpan): Promise<ReadonlyMap<number, string>> {
    const document = await this.#documents.get(paths.bucket(tenant_id, device_id, start_ms));
    const points = document === null ? [] : Bucket.read(start_ms, document).points;
    return new Map(points.map(({ timestamp_ms, metrics }) => [timestamp_ms, metrics]));
  }

  async putBucket(bucket: ImportBucket): Promise<Receipt> {
    const first = await this.#attempt(bucket, null);
    if (first !== LOST) return first;
    const { tenant_id, device_id } = bucket.device;
    const path = paths.bucket(tenant_id, device_id, bucket.start_ms);
    return untilWon(async () => this.#attempt(bucket, await this.#documents.get(path)));
  }

  async #attempt({ device, ...span }: ImportBucket, document: StoredDocument | null): Promise<Receipt | typeof LOST> {
    const before = document === null ? Bucket.absent(span.start_ms) : Bucket.read(span.start_ms, document);
    const plan = planWrite({ buckets: [span], rejected: [] }, () => before, { overwrite: false });
    const [change] = plan.changes;
    if (change === undefined) return plan.receipt;
    const path = paths.bucket(device.tenant_id, device.device_id, span.start_ms);
    const write = { ...change, budget: null };
    const stored =
      before.updated === null
        ? await this.#buckets.create({ kind: 'create', path, fields: newBucketFields(device, write) })
        : await this.#commit([{ kind: 'update', path, fields: addedFields(before, write), at: before.updated }]);
    return stored ? plan.receipt : LOST;
  }

  async #ownUser(tenant_id: string, user_id: string): Promise<User | null> {
    const document = await this.#documents.get(paths.user(user_id));
    const user = document === null ? null : users.read(document.fields);
    return user?.tenant_id === tenant_id ? user : null;
  }

  /** False when a document is there that should not be, or has changed. */
  async #commit(changes: readonly Change[]): Promise<boolean> {
    return (await this.#documents.commit(changes)) !== null;
  }
}

function addedFields(before: Bucket, { start_ms, bytes, points }: BucketChange): FieldChange[] {
  const fields: FieldChange[] = [...points].map(([timestamp_ms, metrics]) => [
    ['points', String(timestamp_ms - start_ms)],
    metrics,
  ]);
  fields.push([['bytes'], bytes]);
  if (before.isEmpty) fields.push([['timestamp_ms'], start_ms]);
  return fields;
}
