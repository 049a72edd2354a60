import { useEffect, useMemo } from 'preact/hooks';
import { Page } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { Failure } from '../api/failure.ts';
import { lookUp } from '../fleet.ts';
import { now_ms } from '../lib/clock.ts';
import { readyCall } from '../lib/ready-call.ts';
import { addressOf } from '../router.ts';
import { CopyButton, Empty } from '../ui/parts.tsx';
import { useLive } from '../ui/use-live.ts';
import type { ViewProps } from '../views.ts';
import { Chart } from './chart.tsx';
import type { Hands } from './gestures.ts';
import { Head } from './head.tsx';
import { Newest } from './newest.tsx';
import { LIVE } from './range.ts';
import { Readout } from './readout.tsx';
import { DeviceScreen } from './screen.ts';
import { PointTable } from './table.tsx';
import { Toolbar } from './toolbar.tsx';

/** A device that is not there is asked for again now and then: somebody may be about to register it. */
const UNKNOWN_AGAIN_MS = 60_000;

/** One device: its newest values, and its values over time. */
export default function DeviceView({ client, id }: ViewProps) {
  if (id === null || id === '') return <Unknown device_id="" />;
  return <Shown key={id} client={client} device_id={id} />;
}

function Shown({ client, device_id }: { readonly client: Client; readonly device_id: string }) {
  const screen = useMemo(() => new DeviceScreen(client, device_id), [client, device_id]);
  const hands = useMemo(() => handsOf(screen), [screen]);
  useEffect(() => {
    const looking = new AbortController();
    void lookUp(client, device_id, looking.signal).catch(() => undefined);
    const stop = screen.start();
    return () => {
      looking.abort();
      stop();
    };
  }, [client, device_id, screen]);
  useLive((signal) => ask(client, screen, signal), [client, device_id]);
  if (screen.is_unknown.value) return <Unknown device_id={device_id} />;
  if (screen.recent.value === null) return <p class="center quiet">Loading {device_id}…</p>;
  return (
    <article class="stack device-view">
      <Head screen={screen} />
      {screen.is_blank.value ? (
        <Never client={client} device_id={device_id} />
      ) : (
        <>
          <Newest screen={screen} />
          <section class="card chart-card" aria-label="Chart">
            <Toolbar screen={screen} hands={hands} />
            <Readout screen={screen} />
            <div class="chart-frame">
              <Chart screen={screen} hands={hands} />
            </div>
          </section>
          <PointTable screen={screen} />
        </>
      )}
    </article>
  );
}

function handsOf(screen: DeviceScreen): Hands {
  return {
    span: () => screen.span.peek(),
    now_ms,
    show: (range) => (screen.range.value = range),
    live: () => (screen.range.value = LIVE),
  };
}

async function ask(client: Client, screen: DeviceScreen, signal: AbortSignal): Promise<{ fresh_for_ms: number }> {
  const path = `/v1/telemetry/recent?device_id=${encodeURIComponent(screen.device_id)}&limit=100`;
  try {
    const { body, fresh_for_ms } = await client.get(path, Page, signal);
    screen.learn(body);
    return { fresh_for_ms };
  } catch (error) {
    const is_unknown = error instanceof Failure && UNKNOWN_CODES.includes(error.code);
    if (!is_unknown) throw error;
    screen.is_unknown.value = true;
    return { fresh_for_ms: UNKNOWN_AGAIN_MS };
  }
}

/** An id that no device can have is malformed. */
const UNKNOWN_CODES: readonly string[] = ['device_forbidden', 'malformed_request'];

function Unknown({ device_id }: { readonly device_id: string }) {
  return (
    <Empty title={`There is no device “${device_id}” here`}>
      <p>It was not registered in this organisation, or its name is written otherwise.</p>
      <a class="button" href={addressOf('overview')}>
        All devices
      </a>
    </Empty>
  );
}

/** A device that has not posted yet. */
function Never({ client, device_id }: { readonly client: Client; readonly device_id: string }) {
  const call = readyCall({
    origin: location.origin,
    tenant_id: client.tenant_id,
    device_id,
    device_key: 'THE-KEY-OF-THE-DEVICE',
  });
  return (
    <section class="card">
      <Empty title="No points yet">
        <p>As soon as the device posts, this page shows it. An operator gives it its key. By hand it goes like this:</p>
        <pre class="call">{call}</pre>
        <CopyButton text={call} label="Copy the call" />
      </Empty>
    </section>
  );
}
