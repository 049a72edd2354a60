/** What a person should know whatever they look at: that the session is about to end, and that the server is away. */
import { useEffect } from 'preact/hooks';
import type { Client } from '../api/client.ts';
import { connection } from '../api/live.ts';
import { now } from '../lib/ticking.ts';
import { clockTime, countdown } from '../lib/words.ts';
import { enter, expiry } from '../session.ts';
import { Notice } from './parts.tsx';

const WARN_BEFORE_MS = 5 * 60_000;

export function Banners({ client }: { readonly client: Client }) {
  return (
    <div class="banners">
      <ConnectionBanner />
      <ExpiryBanner client={client} />
    </div>
  );
}

function ConnectionBanner() {
  const state = connection.value;
  if (state.kind === 'live') return null;
  if (state.kind === 'refused') return <Notice tone="bad">{state.failure.message}</Notice>;
  const { failure, until_ms } = state;
  const words =
    failure.code === 'read_budget'
      ? 'The read budget of this minute is used up: what you see is kept as it is.'
      : failure.message;
  return (
    <Notice
      tone={failure.code === 'read_budget' ? 'info' : 'warn'}
      aside={<span class="figure">Trying again in {countdown(until_ms - now.value)}.</span>}
    >
      {words}
    </Notice>
  );
}

function ExpiryBanner({ client }: { readonly client: Client }) {
  const ends = expiry.value;
  const left_ms = (ends?.at_ms ?? Infinity) - now.value;
  const is_over = left_ms <= 0;
  // The server decides: another tab may have used the session.
  useEffect(() => {
    if (is_over) void enter(client).catch(() => undefined);
  }, [is_over, client]);
  if (ends === null || left_ms > WARN_BEFORE_MS || is_over) return null;
  if (!ends.is_idle) {
    return (
      <Notice tone="warn" aside={<span class="figure">{countdown(left_ms)} left.</span>}>
        Your session ends at {clockTime(ends.at_ms)}; then you sign in again.
      </Notice>
    );
  }
  return (
    <Notice tone="warn" aside={<StaySignedIn client={client} left_ms={left_ms} />}>
      Nothing was asked for a while: you will be signed out soon.
    </Notice>
  );
}

function StaySignedIn({ client, left_ms }: { readonly client: Client; readonly left_ms: number }) {
  return (
    <>
      <span class="figure">{countdown(left_ms)} left.</span>{' '}
      <button type="button" class="small" onClick={() => void enter(client).catch(() => undefined)}>
        Stay signed in
      </button>
    </>
  );
}
