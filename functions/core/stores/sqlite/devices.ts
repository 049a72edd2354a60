import type { AuditEvent } from '../../model/audit.ts';
import { MAX_LIVE_KEYS } from '../../model/device-keys.ts';
import type { Device, DeviceKey, DevicePatch } from '../../model/entities.ts';
import { patchDevice } from '../../model/patches.ts';
import type { DeviceStore, ListPage } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import type { Scope } from './tables.ts';

export class SqliteDevices implements DeviceStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get(device_id: string): Promise<Device | null> {
    const { access, tables, tenant_id } = this.#scope;
    return access.read(() => tables.devices.get(tenant_id, device_id));
  }

  list(page: ListPage): Promise<readonly Device[]> {
    const { access, tables, tenant_id } = this.#scope;
    return access.read(() => tables.devices.list(tenant_id, page));
  }

  create(device: Device, key: DeviceKey, audit: AuditEvent): Promise<'created' | 'exists'> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, device, key, audit);
      if (key.device_id !== device.device_id) throw new Error('The first key of a device names another device.');
      if (!tables.devices.insert(device)) return 'exists';
      tables.keys.insert(key);
      tables.audit.insert(audit);
      return 'created';
    });
  }

  update(device_id: string, patch: DevicePatch, now_ms: number, audit: AuditEvent): Promise<Device | null> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, audit);
      const device = tables.devices.get(tenant_id, device_id);
      if (device === null) return null;
      const patched = patchDevice(device, patch, now_ms);
      tables.devices.update(patched);
      tables.audit.insert(audit);
      return patched;
    });
  }

  issueKey(key: DeviceKey, audit: AuditEvent): Promise<'issued' | 'no_device' | 'too_many_keys'> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, key, audit);
      const device = tables.devices.get(tenant_id, key.device_id);
      if (device === null) return 'no_device';
      if (device.keys.length >= MAX_LIVE_KEYS) return 'too_many_keys';
      tables.keys.insert(key);
      tables.audit.insert(audit);
      return 'issued';
    });
  }

  revokeKey(device_id: string, key_id: string, audit: AuditEvent): Promise<'revoked' | 'not_found'> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, audit);
      if (!tables.keys.revoke(tenant_id, device_id, key_id, audit.timestamp_ms)) return 'not_found';
      tables.audit.insert(audit);
      return 'revoked';
    });
  }

  touch(device_id: string, key_id: string, now_ms: number): Promise<void> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      if (tables.keys.used(tenant_id, device_id, key_id, now_ms)) tables.devices.seen(tenant_id, device_id, now_ms);
    });
  }
}
