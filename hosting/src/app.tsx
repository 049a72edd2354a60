import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from './api/client.ts';
import type { Failure } from './api/failure.ts';
import { Header } from './header.tsx';
import { delay } from './lib/delay.ts';
import { place } from './router.ts';
import { may, resume, signIn } from './session.ts';
import { SignInView } from './sign-in.tsx';
import { Banners } from './ui/banners.tsx';
import { Notice } from './ui/parts.tsx';
import { VIEWS, type View, type ViewProps } from './views.ts';

export function App() {
  const state = signIn.value;
  if (state.kind === 'asking') return <p class="center quiet">Looking whether you are signed in…</p>;
  if (state.kind === 'signed_out') return <SignInView why={state.why} />;
  if (state.kind === 'unreachable') return <Unreachable failure={state.failure} />;
  return <Desk client={state.client} />;
}

/** Not all that wait for the server ask at once when it is back. */
const TRY_AGAIN_MS = 5_000;
const LOAD_TRIES = 4;

function Unreachable({ failure }: { readonly failure: Failure }) {
  useEffect(() => {
    const wait_ms = Math.max(failure.retry_after_ms ?? 0, TRY_AGAIN_MS) * (1 + Math.random() / 2);
    const timer = setTimeout(() => void resume(), wait_ms);
    return () => clearTimeout(timer);
  }, [failure]);
  return (
    <main class="sign-in">
      <Notice tone="warn">{failure.message} This page tries again by itself.</Notice>
    </main>
  );
}

/** All that is seen while somebody is signed in. */
function Desk({ client }: { readonly client: Client }) {
  const { view: asked, id } = place.value;
  const allowed = Object.entries(VIEWS).filter(([, { needs }]) => may(needs));
  const [name, view] = allowed.find(([known]) => known === asked) ?? homeOf(allowed);
  const main = useRef<HTMLElement>(null);
  const shown = `${name}/${id ?? ''}`;
  const before = useRef(shown);
  useEffect(() => {
    document.title = `${id ?? view.title} – Building automation`;
    // Whoever follows a link by keyboard goes on in what it shows.
    if (before.current !== shown) main.current?.focus();
    before.current = shown;
  }, [id, view, shown]);
  const skip = (event: Event) => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Header views={allowed} current={name} client={client} />
      <main id="main" ref={main} tabIndex={-1}>
        <Banners client={client} />
        <Shown key={shown} view={view} client={client} id={id} />
      </main>
    </>
  );
}

/** Platform administrators have no devices of their own: they come for the cutover. */
function homeOf(allowed: readonly (readonly [string, View])[]): readonly [string, View] {
  const found = allowed.find(([name]) => name === (may('cutover.run') ? 'cutover' : 'overview')) ?? allowed[0];
  if (found === undefined) throw new Error('A role without any view');
  return found;
}

/** A server that is away for a moment is waited for; a part that is gone, since the page was renewed, is not. */
async function loadPatiently(view: View, stop: AbortSignal): Promise<{ readonly default: ComponentType<ViewProps> }> {
  for (let tries = 1; ; tries++) {
    try {
      return await view.load();
    } catch (error) {
      if (tries === LOAD_TRIES) throw error;
      await delay(TRY_AGAIN_MS, stop);
    }
  }
}

/** A view, as soon as its code is there. */
function Shown({ view, ...props }: ViewProps & { readonly view: View }) {
  const [code, setCode] = useState<{ readonly Show: ComponentType<ViewProps> } | 'failed' | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    loadPatiently(view, stop.signal).then(
      ({ default: Show }) => setCode({ Show }),
      () => setCode('failed'),
    );
    return () => stop.abort();
  }, [view]);
  if (code === null) return <p class="center quiet">Loading…</p>;
  if (code === 'failed') {
    return (
      <Notice tone="bad" urgent>
        A part of this page could not be loaded.{' '}
        <button type="button" class="small" onClick={() => location.reload()}>
          Reload
        </button>
      </Notice>
    );
  }
  return <code.Show {...props} />;
}
