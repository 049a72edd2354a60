import { staleness } from '@bas/core/model/staleness';
import { now } from '../lib/ticking.ts';
import { plainTags } from '../lib/units.ts';
import { duration, exactDuration, localTime, utcTime } from '../lib/words.ts';
import { addressOf } from '../router.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import type { DeviceScreen } from './screen.ts';

interface HeadProps {
  readonly screen: DeviceScreen;
}

/** Which device it is, and whether it reports as it should. */
export function Head({ screen }: HeadProps) {
  const device = screen.device.value;
  const name = device?.name ?? screen.device_id;
  return (
    <header class="device-head">
      <a href={addressOf('overview')} class="small-text">
        ‹ All devices
      </a>
      <div class="device-title">
        <h1>{name}</h1>
        {name === screen.device_id ? null : <code>{screen.device_id}</code>}
        <State screen={screen} />
        <Facts screen={screen} />
      </div>
    </header>
  );
}

/** A controller whose clock is further ahead is set wrong: a common fault where one is put into service. */
const NOTICED_AHEAD_MS = 30_000;

function State({ screen }: HeadProps) {
  const recent = screen.recent.value;
  const device = screen.device.value;
  if (recent === null) return null;
  const newest_ms = recent.points.at(-1)?.timestamp_ms ?? null;
  const ahead_ms = newest_ms === null ? 0 : newest_ms - now.value;
  const age_ms = newest_ms === null ? null : Math.max(0, -ahead_ms);
  const status = staleness(age_ms, device?.expected_interval_ms ?? null);
  return (
    <>
      <StatusBadge status={device?.disabled === true ? 'disabled' : status} />
      {newest_ms === null || age_ms === null ? null : (
        <span class="quiet figure" title={`${localTime(newest_ms)} = ${utcTime(newest_ms)}`}>
          {ahead_ms > NOTICED_AHEAD_MS ? `its clock is ${duration(ahead_ms)} ahead` : `${duration(age_ms)} ago`}
        </span>
      )}
    </>
  );
}

function Facts({ screen }: HeadProps) {
  const device = screen.device.value;
  if (device === undefined) return null;
  const { expected_interval_ms } = device;
  return (
    <ul class="device-facts" aria-label="About this device">
      <li>
        {expected_interval_ms === null
          ? 'no interval declared'
          : `expected every ${exactDuration(expected_interval_ms)}`}
      </li>
      {plainTags(device).map(([key, value]) => (
        <li key={key}>
          <span class="quiet">{key}</span> {value}
        </li>
      ))}
    </ul>
  );
}
