/** What can be said of a device: to register one, and to change one. */
import { useState } from 'preact/hooks';
import { ManagedDevice, NewDevice } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { keepDevice } from '../fleet.ts';
import { FormDialog } from '../ui/forms.tsx';
import { Field, Notice } from '../ui/parts.tsx';
import { draftOf, NO_DEVICE, patchOf, readDraft, UNITS, type DeviceDraft, type Troubles } from './device-draft.ts';

interface FieldsProps {
  readonly draft: DeviceDraft;
  readonly troubles: Troubles;
  readonly is_new: boolean;
  readonly change: (part: Partial<DeviceDraft>) => void;
}

function DeviceFields({ draft, troubles, is_new, change }: FieldsProps) {
  return (
    <>
      {is_new ? (
        <Field label="Id" hint="What the device calls itself when it posts. It cannot be changed later.">
          <input
            value={draft.device_id}
            required
            autofocus
            maxLength={128}
            autocapitalize="none"
            spellcheck={false}
            aria-invalid={troubles.device_id !== undefined}
            onInput={(event) => change({ device_id: event.currentTarget.value })}
          />
        </Field>
      ) : null}
      <Trouble words={troubles.device_id} />
      <Field label="Name" hint="For people; without one, the id.">
        <input value={draft.name} maxLength={200} onInput={(event) => change({ name: event.currentTarget.value })} />
      </Field>
      <Trouble words={troubles.name} />
      <IntervalField draft={draft} change={change} />
      <Trouble words={troubles.expected_interval_ms} />
      <Field label="Tags" hint="One key=value a line, such as floor=2. unit.METRIC=°C gives a metric its unit.">
        <textarea
          rows={4}
          value={draft.tags}
          spellcheck={false}
          aria-invalid={troubles.tags !== undefined}
          onInput={(event) => change({ tags: event.currentTarget.value })}
        />
      </Field>
      <Trouble words={troubles.tags} />
    </>
  );
}

function IntervalField({ draft, change }: Pick<FieldsProps, 'draft' | 'change'>) {
  return (
    <fieldset class="field">
      <legend class="field-label">Posts every</legend>
      <div class="row">
        <input
          class="short"
          value={draft.interval}
          inputMode="decimal"
          aria-label="Posts every"
          placeholder="not known"
          onInput={(event) => change({ interval: event.currentTarget.value })}
        />
        <select
          aria-label="Unit"
          onChange={({ currentTarget }) => {
            const unit = UNITS.find((known) => known === currentTarget.value);
            if (unit !== undefined) change({ unit });
          }}
        >
          {UNITS.map((unit) => (
            <option key={unit} value={unit} selected={unit === draft.unit}>
              {unit}
            </option>
          ))}
        </select>
      </div>
      <span class="field-hint">
        It counts as late after two of these and as silent after ten; a minute is assumed when it is not known. It also
        decides how many points a stored bucket holds, so looking costs least when it is about right.
      </span>
    </fieldset>
  );
}

function Trouble({ words }: { readonly words: string | undefined }) {
  return words === undefined ? null : (
    <Notice tone="bad" urgent>
      {words}
    </Notice>
  );
}

interface RegisterProps {
  readonly client: Client;
  readonly onClose: () => void;
  readonly onRegistered: (device: ManagedDevice, key: string) => void;
}

export function RegisterDialog({ client, onClose, onRegistered }: RegisterProps) {
  const [draft, setDraft] = useState(NO_DEVICE);
  const [troubles, setTroubles] = useState<Troubles>({});
  const register = async (): Promise<void> => {
    const read = readDraft(draft);
    setTroubles('troubles' in read ? read.troubles : {});
    if ('troubles' in read) return;
    const { key, ...device } = await client.send('/v1/devices', NewDevice, { method: 'POST', body: read.body });
    keepDevice(device);
    onRegistered(device, key);
  };
  const change = (part: Partial<DeviceDraft>): void => setDraft({ ...draft, ...part });
  return (
    <FormDialog title="Register a device" does="Register" doing="Registering…" onClose={onClose} onSubmit={register}>
      <DeviceFields draft={draft} troubles={troubles} is_new change={change} />
    </FormDialog>
  );
}

interface EditProps {
  readonly client: Client;
  readonly device: ManagedDevice;
  readonly onClose: () => void;
  readonly onChanged: (device: ManagedDevice) => void;
}

export function EditDialog({ client, device, onClose, onChanged }: EditProps) {
  const [draft, setDraft] = useState(draftOf(device));
  const [troubles, setTroubles] = useState<Troubles>({});
  const save = async (): Promise<void> => {
    const read = readDraft(draft);
    setTroubles('troubles' in read ? read.troubles : {});
    if ('troubles' in read) return;
    const patch = patchOf(device, read.body);
    if (patch === null) {
      onClose();
      return;
    }
    const path = `/v1/devices/${encodeURIComponent(device.device_id)}`;
    const changed = await client.send(path, ManagedDevice, { method: 'PATCH', body: patch });
    keepDevice(changed);
    onChanged(changed);
  };
  const change = (part: Partial<DeviceDraft>): void => setDraft({ ...draft, ...part });
  return (
    <FormDialog title={`Change ${device.device_id}`} does="Save" doing="Saving…" onClose={onClose} onSubmit={save}>
      <DeviceFields draft={draft} troubles={troubles} is_new={false} change={change} />
      <label class="check">
        <input
          type="checkbox"
          checked={draft.disabled}
          onChange={(event) => change({ disabled: event.currentTarget.checked })}
        />{' '}
        Disabled: nothing it posts is taken; what is stored stays.
      </label>
    </FormDialog>
  );
}
