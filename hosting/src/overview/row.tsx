import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Device } from '../api/answers.ts';
import { now } from '../lib/ticking.ts';
import { plainTags } from '../lib/units.ts';
import { duration, localTime, utcTime } from '../lib/words.ts';
import { addressOf, go } from '../router.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { stateOf } from './arrange.ts';
import type { KnownValues, Newest } from './known-values.ts';
import type { OnScreen } from './on-screen.ts';
import { Sparkline, Values } from './values.tsx';

interface RowProps {
  readonly device: Device;
  readonly known: KnownValues;
  readonly on_screen: OnScreen;
}

/** One device. It follows its own values and the time, so that no other row is drawn for it. */
export function DeviceRow({ device, known, on_screen }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  const { device_id } = device;
  useEffect(() => (row.current === null ? undefined : on_screen.watch(row.current, device_id)), [on_screen, device_id]);
  const newest = known.of(device_id).value;
  const address = addressOf('device', device_id);
  return (
    <div ref={row} role="row" class="device" onClick={(event) => followUnlessLink(event, address)}>
      <div role="cell" class="device-who">
        <Who device={device} address={address} />
      </div>
      <div role="cell" class="device-state">
        <StateBadge device={device} known={known} />
      </div>
      <div role="cell" class="device-values">
        {newest === null ? <Blank /> : <Values device={device} newest={newest} />}
      </div>
      <div role="cell" class="device-spark">
        {newest === null ? <Blank /> : <Sparkline device={device} newest={newest} />}
      </div>
      <div role="cell" class="device-age figure">
        {newest === null ? <Blank /> : <Age newest={newest} />}
      </div>
    </div>
  );
}

/** Parts with a title of their own lie above the link that covers the row: a click on them leads there too. */
function followUnlessLink(event: MouseEvent, address: string): void {
  if (event.target instanceof Element && event.target.closest('a') === null) go(address);
}

/** Names are not always unlike, ids are. */
function Who({ device, address }: { readonly device: Device; readonly address: string }) {
  const { device_id, name } = device;
  const more = [
    ...(name === device_id ? [] : [device_id]),
    ...plainTags(device).map(([key, value]) => `${key} ${value}`),
  ].join(', ');
  return (
    <>
      <a class="device-name" href={address} title={name}>
        {name}
      </a>
      {more === '' ? null : (
        <span class="device-more" title={more}>
          {more}
        </span>
      )}
    </>
  );
}

function StateBadge({ device, known }: { readonly device: Device; readonly known: KnownValues }) {
  const state = useComputed(() => stateOf(device, known.of(device.device_id).value, now.value)).value;
  if (state !== 'unseen') return <StatusBadge status={state} />;
  return (
    <>
      <Blank />
      <span class="hidden-text">not asked for yet</span>
    </>
  );
}

/** Ticks without drawing anything else. */
function Age({ newest: { timestamp_ms } }: { readonly newest: Newest }) {
  const age = useComputed(() => (timestamp_ms === null ? '' : `${duration(now.value - timestamp_ms)} ago`));
  if (timestamp_ms === null) return <span class="quiet">never</span>;
  return (
    <time
      dateTime={new Date(timestamp_ms).toISOString()}
      title={`${localTime(timestamp_ms)} here, ${utcTime(timestamp_ms)}`}
    >
      {age}
    </time>
  );
}

/** Where something will be. */
function Blank() {
  return <span class="blank" aria-hidden="true" />;
}
