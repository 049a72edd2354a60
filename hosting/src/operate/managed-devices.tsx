import type { ManagedDevice } from '../api/answers.ts';
import { now } from '../lib/ticking.ts';
import { duration, localTime } from '../lib/words.ts';
import { addressOf } from '../router.ts';
import { ActionsHead, Badge } from '../ui/parts.tsx';
import { intervalOf, type Unit } from './device-draft.ts';

/** An hour, and what a post may be late. */
const NOTED_EVERY_MS = 65 * 60_000;

interface ManagedDevicesProps {
  readonly devices: readonly ManagedDevice[];
  readonly onEdit: (device: ManagedDevice) => void;
  readonly onKeys: (device: ManagedDevice) => void;
}

export function ManagedDevices({ devices, onEdit, onKeys }: ManagedDevicesProps) {
  return (
    <div class="card flush">
      <table class="operate-table">
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col" class="wide">
              Tags
            </th>
            <th scope="col" class="wide">
              Posts every
            </th>
            <th scope="col">Last seen</th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <DeviceRow key={device.device_id} device={device} onEdit={onEdit} onKeys={onKeys} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeviceRow({
  device,
  onEdit,
  onKeys,
}: Omit<ManagedDevicesProps, 'devices'> & { readonly device: ManagedDevice }) {
  const { device_id, name, tags, disabled, last_seen_ms, keys } = device;
  const { interval, unit } = intervalOf(device.expected_interval_ms);
  return (
    <tr>
      <th scope="row" class="named">
        <a href={addressOf('device', device_id)}>{name}</a>
        {name === device_id ? null : <span class="quiet small-text">{device_id}</span>}
        {disabled ? <Badge tone="warn">disabled</Badge> : null}
      </th>
      <td class="wide">
        <Tags tags={tags} />
      </td>
      <td class="wide figure">{interval === '' ? <span class="quiet">not known</span> : everyText(interval, unit)}</td>
      <td class="figure" title={last_seen_ms === null ? undefined : localTime(last_seen_ms)}>
        {last_seen_ms === null ? <span class="quiet">never</span> : seenText(now.value - last_seen_ms)}
      </td>
      <td class="actions">
        <button type="button" class="small" aria-label={`Change ${device_id}`} onClick={() => onEdit(device)}>
          Change
        </button>
        <button type="button" class="small" aria-label={`Keys of ${device_id}`} onClick={() => onKeys(device)}>
          {keys.length === 0 ? 'No key' : `Keys (${keys.length})`}
        </button>
      </td>
    </tr>
  );
}

/** `minute`, `5 minutes`. */
function everyText(interval: string, unit: Unit): string {
  return interval === '1' ? unit.slice(0, -1) : `${interval} ${unit}`;
}

const TAGS_SHOWN = 4;

function Tags({ tags }: { readonly tags: ManagedDevice['tags'] }) {
  const texts = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const rest = texts.length - TAGS_SHOWN;
  return (
    <span class="tags">
      {texts.slice(0, TAGS_SHOWN).map((text) => (
        <span key={text} class="tag" title={text}>
          {text}
        </span>
      ))}
      {rest > 0 ? <span title={texts.join('\n')}>and {rest} more</span> : null}
    </span>
  );
}

/** It is noted once an hour: the overview knows better. */
function seenText(age_ms: number): string {
  return age_ms < NOTED_EVERY_MS ? 'within the hour' : `${duration(age_ms)} ago`;
}
