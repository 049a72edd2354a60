import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import type { Device } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { fleet, loadFleet, reloadFleet } from '../fleet.ts';
import { addressOf, place } from '../router.ts';
import { may } from '../session.ts';
import { Empty, Notice } from '../ui/parts.tsx';
import type { ViewProps } from '../views.ts';
import { wishOf } from './arrange.ts';
import { knownValues } from './known-values.ts';
import { OnScreen } from './on-screen.ts';
import { OverviewTable } from './overview-table.tsx';
import { Toolbar } from './toolbar.tsx';
import { useNewest } from './use-newest.ts';

/** Every device of the tenant: how fresh it is, and what it says. */
export default function Overview({ client }: ViewProps) {
  // Before anything is painted: the list may still be that of the tenant before.
  useLayoutEffect(() => loadFleet(client), [client]);
  const { devices } = fleet.value;
  return (
    <>
      <div class="banners">
        <FleetNotice client={client} />
      </div>
      {devices.length === 0 ? <NoDevices /> : <Devices client={client} devices={devices} />}
    </>
  );
}

function FleetNotice({ client }: { readonly client: Client }) {
  const { devices, state, failure } = fleet.value;
  if (state === 'waiting') {
    const when = failure?.code === 'read_budget' ? 'as the read budget allows' : 'when the server answers';
    return (
      <Notice tone="info">
        {devices.length === 0 ? 'The devices follow' : `${devices.length} devices so far; the rest follow`} {when}.
      </Notice>
    );
  }
  if (state !== 'failed') return null;
  return (
    <Notice tone="bad" urgent>
      The list of devices could not be loaded{devices.length === 0 ? '' : ' to its end'}.{' '}
      <button type="button" class="small" onClick={() => reloadFleet(client)}>
        Try again
      </button>
    </Notice>
  );
}

function NoDevices() {
  return (
    <>
      <h1>Overview</h1>
      <WhyNone />
    </>
  );
}

function WhyNone() {
  const { state } = fleet.value;
  if (state === 'loading') return <p class="center quiet">Loading the devices…</p>;
  if (state !== 'complete') return null;
  return (
    <Empty title="No devices yet">
      {may('devices.manage') ? (
        <p>
          <a href={addressOf('devices')}>Register the first one</a> and give its key to a controller.
        </p>
      ) : (
        <p>An operator registers devices; they appear here.</p>
      )}
    </Empty>
  );
}

function Devices({ client, devices }: { readonly client: Client; readonly devices: readonly Device[] }) {
  const known = knownValues(client);
  const on_screen = useMemo(() => new OnScreen(), []);
  useEffect(() => () => on_screen.close(), [on_screen]);
  const { value: at } = place;
  const wish = useMemo(() => wishOf(at), [at]);
  const watched = useMemo(() => ({ devices, known, on_screen }), [devices, known, on_screen]);
  // Whoever asks for a status, or for the oldest, asks about devices that were never on screen as well.
  const concerns_all = wish.sort !== 'name' || wish.show !== 'all';
  const others = useMemo(
    () => (concerns_all ? devices.map(({ device_id }) => device_id) : []),
    [devices, concerns_all],
  );
  useNewest({ client, known, on_screen, others });
  return (
    <>
      <div class="page-head">
        <h1>Overview</h1>
        <Toolbar wish={wish} watched={watched} />
      </div>
      <OverviewTable watched={watched} wish={wish} />
    </>
  );
}
