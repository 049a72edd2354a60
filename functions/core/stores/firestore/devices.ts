import type { AuditEvent } from '../../model/audit.ts';
import { MAX_LIVE_KEYS } from '../../model/device-keys.ts';
import type { Device, DeviceKey, DevicePatch } from '../../model/entities.ts';
import { patchDevice } from '../../model/patches.ts';
import type { DeviceStore, ListPage } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import { commitWith, auditChange, isStored } from './audit.ts';
import { deviceKeys, devices, liveKey } from './converters.ts';
import { REMOVED, type Change, type StoredDocument } from './documents.ts';
import { paths } from './paths.ts';
import { LOST, untilWon } from './patience.ts';
import { afterId } from './queries.ts';
import type { Scope } from './request.ts';

/**
 * How many devices are read for a page of at most as many: few sizes, so that pages of all lengths share what is read. The
 * last rows of lists tell whether there is more, hence the ones.
 */
const PAGE_SIZES = [17, 26, 101, 251, 501, 1_001];

interface Stored {
  readonly device: Device;
  readonly document: StoredDocument;
}

/** Devices with their live keys in one document, so that a device costs one read and a limit on keys needs no query. */
export class FirestoreDevices implements DeviceStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async get(device_id: string): Promise<Device | null> {
    const { shared, documents, meter } = this.#scope;
    documents.touch();
    const { id } = this.#path(device_id);
    if (shared.devices.peek(id) === null) meter.allowance?.requireLook();
    return shared.devices.recall(id, async () => (await this.#read(device_id))?.device ?? null);
  }

  async list({ after, limit }: ListPage): Promise<readonly Device[]> {
    const { documents, meter, shared, tenant_id } = this.#scope;
    documents.touch();
    const size = PAGE_SIZES.find((one) => one >= limit) ?? limit;
    const key = JSON.stringify([tenant_id, after ?? null, size]);
    if (shared.device_pages.peek(key) === null) meter.allowance?.requireLook();
    const page = await shared.device_pages.recall(key, async () => {
      const begun = shared.devices.begin();
      const found = await documents.query({
        shape: 'devices',
        equal: [tenant_id],
        after: after === undefined ? undefined : afterId(tenant_id, after),
        limit: size,
      });
      const page = { tenant_id, devices: found.map(({ fields }) => devices.read(fields)) };
      // Who lists devices is about to ask for some of them.
      shared.devices.learn(
        begun,
        page.devices.map((device) => [this.#path(device.device_id).id, device]),
      );
      return page;
    });
    return (page?.devices ?? []).slice(0, limit);
  }

  async create(device: Device, key: DeviceKey, audit: AuditEvent): Promise<'created' | 'exists'> {
    const { documents, tenant_id } = this.#scope;
    assertOwned(tenant_id, device, key, audit);
    const { key_id, created_ms } = key;
    const keys = [...device.keys, { key_id, created_ms, last_used_ms: null }];
    return untilWon(async () => {
      const times = await documents.commit([
        { kind: 'create', path: this.#path(device.device_id), fields: devices.write({ ...device, keys }) },
        createKey(key),
        auditChange(audit),
      ]);
      if (times !== null) return 'created';
      const stored = await this.#read(device.device_id);
      if (stored !== null) return stored.device.keys.some((known) => known.key_id === key_id) ? 'created' : 'exists';
      if (await isStored(documents, audit)) throw new Error('An audit event id was used twice.');
      return LOST;
    }).finally(() => this.#forgetPages());
  }

  async update(device_id: string, patch: DevicePatch, now_ms: number, audit: AuditEvent): Promise<Device | null> {
    assertOwned(this.#scope.tenant_id, audit);
    return this.#change(device_id, async ({ device, document }) => {
      const patched = patchDevice(device, patch, now_ms);
      const { name, tags, disabled, expected_interval_ms, widths } = devices.write(patched);
      const fields = Object.entries({ name, tags, disabled, expected_interval_ms, widths });
      const won = await commitWith(this.#scope.documents, audit, [
        {
          kind: 'update',
          path: this.#path(device_id),
          fields: fields.map(([field, value]) => [[field], value]),
          at: document.updated,
        },
      ]);
      return won ? patched : LOST;
    });
  }

  async issueKey(key: DeviceKey, audit: AuditEvent): Promise<'issued' | 'no_device' | 'too_many_keys'> {
    assertOwned(this.#scope.tenant_id, key, audit);
    const { device_id, key_id, created_ms } = key;
    const outcome = await this.#change(device_id, async ({ device, document }) => {
      if (device.keys.length >= MAX_LIVE_KEYS) return 'too_many_keys';
      const value = liveKey({ created_ms, last_used_ms: null });
      const won = await commitWith(this.#scope.documents, audit, [
        { kind: 'update', path: this.#path(device_id), fields: [[['keys', key_id], value]], at: document.updated },
        createKey(key),
      ]);
      return won ? 'issued' : LOST;
    });
    return outcome ?? 'no_device';
  }

  async revokeKey(device_id: string, key_id: string, audit: AuditEvent): Promise<'revoked' | 'not_found'> {
    assertOwned(this.#scope.tenant_id, audit);
    const lookup = paths.deviceKey(key_id);
    const outcome = await this.#change(device_id, async ({ device, document }) => {
      if (!device.keys.some((key) => key.key_id === key_id)) return 'not_found';
      const won = await commitWith(this.#scope.documents, audit, [
        { kind: 'update', path: this.#path(device_id), fields: [[['keys', key_id], REMOVED]], at: document.updated },
        { kind: 'update', path: lookup, fields: [[['revoked_ms'], audit.timestamp_ms]] },
      ]);
      return won ? 'revoked' : LOST;
    }).finally(() => this.#scope.shared.keys.forget(lookup.id));
    return outcome ?? 'not_found';
  }

  async touch(device_id: string, key_id: string, now_ms: number): Promise<void> {
    await this.#change(device_id, async ({ device, document }) => {
      const key = device.keys.find((known) => known.key_id === key_id);
      if (key === undefined) return null;
      const fields: (readonly [string[], number])[] = [];
      if ((device.last_seen_ms ?? -1) < now_ms) fields.push([['last_seen_ms'], now_ms]);
      if ((key.last_used_ms ?? -1) < now_ms) fields.push([['keys', key_id, 'last_used_ms'], now_ms]);
      if (fields.length === 0) return null;
      const change: Change = { kind: 'update', path: this.#path(device_id), fields, at: document.updated };
      return (await this.#scope.documents.commit([change])) === null ? LOST : null;
    });
  }

  /** Reads the device, lets `change` decide and commit, and again while another change came between. */
  async #change<T>(device_id: string, change: (stored: Stored) => Promise<T | typeof LOST>): Promise<T | null> {
    const { shared } = this.#scope;
    const { id } = this.#path(device_id);
    try {
      return await shared.queue.run(`device ${id}`, () =>
        untilWon(async () => {
          const stored = await this.#read(device_id);
          return stored === null ? null : change(stored);
        }),
      );
    } finally {
      shared.devices.forget(id);
      this.#forgetPages();
    }
  }

  async #read(device_id: string): Promise<Stored | null> {
    const document = await this.#scope.documents.get(this.#path(device_id));
    return document === null ? null : { device: devices.read(document.fields), document };
  }

  #forgetPages(): void {
    const { shared, tenant_id } = this.#scope;
    shared.device_pages.forgetWhere((page) => page.tenant_id === tenant_id);
  }

  #path(device_id: string) {
    return paths.device(this.#scope.tenant_id, device_id);
  }
}

function createKey(key: DeviceKey): Change {
  return { kind: 'create', path: paths.deviceKey(key.key_id), fields: deviceKeys.write(key) };
}
