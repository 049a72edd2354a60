import { useState } from 'preact/hooks';
import { ManagedDeviceList, type ManagedDevice } from '../api/answers.ts';
import { ListFoot } from '../ui/list.tsx';
import { Empty } from '../ui/parts.tsx';
import { useList } from '../ui/use-list.ts';
import type { ViewProps } from '../views.ts';
import { EditDialog, RegisterDialog } from './device-form.tsx';
import { ManagedDevices } from './managed-devices.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { NewKeyDialog } from './new-key.tsx';

/** What is open above the list. A dialog keeps the id alone, so that it shows the device as it is by now. */
type Open =
  | { readonly kind: 'register' }
  | { readonly kind: 'edit' | 'keys'; readonly device_id: string }
  | { readonly kind: 'key'; readonly device_id: string; readonly device_key: string; readonly next: Open | null };

/** Every device of the tenant, for whoever registers and keeps them. */
export default function Devices({ client, id }: ViewProps) {
  const [search, setSearch] = useState(id ?? '');
  const [open, setOpen] = useState<Open | null>(null);
  const list = useList(client, '/v1/devices?limit=50', {
    schema: ManagedDeviceList,
    rowsOf: ({ devices }) => devices,
    idOf: ({ device_id }) => device_id,
  });
  const shown = list.rows.filter((device) => matches(device, search)).sort(byId);
  const chosen = open === null || open.kind === 'register' ? undefined : deviceOf(list.rows, open.device_id);
  const close = (): void => setOpen(null);
  const changed = (device: ManagedDevice): void => list.edit((rows) => replaced(rows, device));
  return (
    <>
      <div class="page-head">
        <h1>Devices</h1>
        <input
          type="search"
          value={search}
          aria-label="Search in the devices shown"
          placeholder="Id, name or tag"
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <button type="button" class="primary" onClick={() => setOpen({ kind: 'register' })}>
          Register a device
        </button>
      </div>
      {shown.length > 0 ? (
        <ManagedDevices
          devices={shown}
          onEdit={({ device_id }) => setOpen({ kind: 'edit', device_id })}
          onKeys={({ device_id }) => setOpen({ kind: 'keys', device_id })}
        />
      ) : null}
      {shown.length === 0 && list.state === 'ready' ? <NoDevice search={search} has_more={list.has_more} /> : null}
      <ListFoot list={list} noun="devices" />
      {open?.kind === 'register' ? (
        <RegisterDialog
          client={client}
          onClose={close}
          onRegistered={(device, device_key) => {
            changed(device);
            setOpen({ kind: 'key', device_id: device.device_id, device_key, next: null });
          }}
        />
      ) : null}
      {open?.kind === 'edit' && chosen !== undefined ? (
        <EditDialog
          client={client}
          device={chosen}
          onClose={close}
          onChanged={(device) => {
            changed(device);
            close();
          }}
        />
      ) : null}
      {open?.kind === 'keys' && chosen !== undefined ? (
        <KeysDialog
          client={client}
          device={chosen}
          onClose={close}
          onChanged={changed}
          onIssued={(device_key) => setOpen({ kind: 'key', device_id: chosen.device_id, device_key, next: open })}
        />
      ) : null}
      {open?.kind === 'key' ? (
        <NewKeyDialog {...open} tenant_id={client.tenant_id} onStored={() => setOpen(open.next)} />
      ) : null}
    </>
  );
}

function NoDevice({ search, has_more }: { readonly search: string; readonly has_more: boolean }) {
  if (search === '') {
    return (
      <Empty title="No device yet">
        <p>Register the first one: you get its key, and a call that posts a first point.</p>
      </Empty>
    );
  }
  return (
    <Empty title={`Nothing here matches “${search}”`}>
      <p>{has_more ? 'Only what is shown is searched: show more below.' : 'Try a part of an id, a name or a tag.'}</p>
    </Empty>
  );
}

function deviceOf(rows: readonly ManagedDevice[], device_id: string): ManagedDevice | undefined {
  return rows.find((device) => device.device_id === device_id);
}

function matches({ device_id, name, tags }: ManagedDevice, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/);
  const text = [device_id, name, ...Object.entries(tags).map((tag) => tag.join('='))].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

/** As the server lists them, wherever one was put in. */
function byId(a: ManagedDevice, b: ManagedDevice): number {
  return a.device_id < b.device_id ? -1 : 1;
}

function replaced(rows: readonly ManagedDevice[], device: ManagedDevice): readonly ManagedDevice[] {
  return [...rows.filter(({ device_id }) => device_id !== device.device_id), device];
}
