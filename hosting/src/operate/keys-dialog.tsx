/** The keys of one device: a second one for a change without a gap, and the end of an old one. */
import { MAX_LIVE_KEYS } from '@bas/core/model/device-keys';
import { useRef, useState } from 'preact/hooks';
import { ManagedDevice, NewKey } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { now } from '../lib/ticking.ts';
import { duration } from '../lib/words.ts';
import { ActionTrouble, FormDialog } from '../ui/forms.tsx';
import { ActionsHead, Dialog, Time } from '../ui/parts.tsx';
import { useAction } from '../ui/use-action.ts';
import { useLive } from '../ui/use-live.ts';

/** A key that is being moved to is seen at work soon, and looking costs a document each time. */
const LOOK_AGAIN_MS = 15_000;

type Key = ManagedDevice['keys'][number];

interface KeysProps {
  readonly client: Client;
  readonly device: ManagedDevice;
  readonly onClose: () => void;
  readonly onChanged: (device: ManagedDevice) => void;
  readonly onIssued: (key: string) => void;
}

export function KeysDialog({ client, device, onClose, onChanged, onIssued }: KeysProps) {
  const [ending, setEnding] = useState<Key | null>(null);
  const issuing = useAction();
  const path = `/v1/devices/${encodeURIComponent(device.device_id)}`;
  const changes = useRef(0);
  useLive(
    async (signal) => {
      const before = changes.current;
      const { body } = await client.get(path, ManagedDevice, signal);
      // What was done meanwhile is newer than this answer.
      if (changes.current === before) onChanged(body);
      return { fresh_for_ms: LOOK_AGAIN_MS };
    },
    [client, path],
  );
  const keep = (keys: readonly Key[]): void => {
    changes.current += 1;
    onChanged({ ...device, keys: [...keys] });
  };
  const issue = async (): Promise<void> => {
    const { key, ...info } = await client.send(`${path}/keys`, NewKey, { method: 'POST' });
    keep([...device.keys, info]);
    onIssued(key);
  };
  const revoked = (key: Key): void => {
    keep(device.keys.filter(({ key_id }) => key_id !== key.key_id));
    setEnding(null);
  };
  const is_full = device.keys.length >= MAX_LIVE_KEYS;
  return (
    <Dialog title={`Keys of ${device.device_id}`} onClose={onClose}>
      <div class="stack">
        <KeyList keys={device.keys} onEnd={setEnding} />
        <p class="quiet small-text">
          To change a key without a gap: issue a second one, move the device to it, wait until it is seen in use here,
          then revoke the old one. The last use is written at most once an hour.
        </p>
        <ActionTrouble action={issuing} />
        <div class="row">
          <button
            type="button"
            class="primary"
            disabled={is_full}
            aria-disabled={issuing.busy}
            onClick={() => issuing.run(issue)}
          >
            {issuing.busy ? 'Issuing…' : device.keys.length === 0 ? 'Issue a key' : 'Issue a second key'}
          </button>
          {is_full ? <span class="quiet small-text">A device has at most two live keys: revoke one first.</span> : null}
        </div>
      </div>
      {ending === null ? null : (
        <RevokeDialog
          device={device}
          doomed={ending}
          onClose={() => setEnding(null)}
          revoke={async () => {
            await client.tell(`${path}/keys/${ending.key_id}`, { method: 'DELETE' });
            revoked(ending);
          }}
        />
      )}
    </Dialog>
  );
}

function KeyList({ keys, onEnd }: { readonly keys: readonly Key[]; readonly onEnd: (key: Key) => void }) {
  if (keys.length === 0) return <p>No live key: this device cannot post until you issue one.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Created</th>
          <th scope="col">Last used</th>
          <ActionsHead />
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.key_id}>
            <td>
              <code title={key.key_id}>{shortKey(key)}</code>
            </td>
            <td>
              <Time ms={key.created_ms} />
            </td>
            <td class="figure">{lastUse(key)}</td>
            <td class="actions">
              <button
                type="button"
                class="small danger"
                aria-label={`Revoke key ${shortKey(key)}`}
                onClick={() => onEnd(key)}
              >
                Revoke
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface RevokeProps {
  readonly device: ManagedDevice;
  readonly doomed: Key;
  readonly onClose: () => void;
  readonly revoke: () => Promise<void>;
}

function RevokeDialog({ device, doomed, onClose, revoke }: RevokeProps) {
  const is_last = device.keys.length === 1;
  return (
    <FormDialog
      title={`Revoke key ${shortKey(doomed)}?`}
      does="Revoke it"
      doing="Revoking…"
      danger
      onClose={onClose}
      onSubmit={revoke}
    >
      <p>
        Whatever posts as <strong>{device.name}</strong> ({device.device_id}) with this key is refused from now on (last
        used: {lastUse(doomed)}). A revoked key never works again.
      </p>
      {is_last ? (
        <p class="bad-text">It is the only live key: the device posts nothing more until it has a new one.</p>
      ) : (
        <p>The other key goes on working.</p>
      )}
    </FormDialog>
  );
}

function shortKey({ key_id }: Key): string {
  return `${key_id.slice(0, 8)}…`;
}

function lastUse({ last_used_ms }: Key): string {
  return last_used_ms === null ? 'never' : `${duration(now.value - last_used_ms)} ago`;
}
