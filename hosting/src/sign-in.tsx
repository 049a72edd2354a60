import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure, wordsFor } from './api/failure.ts';
import { now_ms } from './lib/clock.ts';
import { now } from './lib/ticking.ts';
import { countdown } from './lib/words.ts';
import { lastTenant, signInWith, type SignedOut } from './session.ts';
import { place } from './router.ts';
import { Field, Notice } from './ui/parts.tsx';
import { preload } from './views.ts';

const WHY: Readonly<Record<SignedOut, string | null>> = {
  fresh: null,
  left: 'You are signed out.',
  ended: 'Your session has ended. Sign in to go on where you were.',
  reauthenticate:
    'Sign-in has moved to another store, which ended every session. Your password is the same: sign in again.',
  other_tenant: 'This browser is signed in to another tenant in another tab. Signing in here ends that.',
};

interface Trouble {
  readonly words: string;
  /** Until when trying is no use; null when it may be tried at once. */
  readonly until_ms: number | null;
}

export function SignInView({ why }: { readonly why: SignedOut }) {
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);
  const wait_ms = (trouble?.until_ms ?? 0) - now.value;
  const isWaiting = busy || wait_ms > 0;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    document.title = 'Sign in – Building automation';
    firstEmpty(form.current)?.focus();
    preload(place.peek().view);
  }, []);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isWaiting || form.current === null) return;
    const entered = new FormData(form.current);
    const text = (name: string): string => {
      const entry = entered.get(name);
      return typeof entry === 'string' ? entry : '';
    };
    setBusy(true);
    try {
      await signInWith(text('tenant').trim(), text('username').trim(), text('password'));
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <form ref={form} class="card" onSubmit={(event) => void submit(event)}>
        <h1>Building automation</h1>
        {WHY[why] === null ? null : <Notice tone={why === 'left' ? 'quiet' : 'info'}>{WHY[why]}</Notice>}
        <Field label="Tenant" hint="The name of your organisation here">
          <input
            name="tenant"
            required
            autocomplete="organization"
            autocapitalize="none"
            defaultValue={lastTenant() ?? ''}
          />
        </Field>
        <Field label="User">
          <input name="username" required autocomplete="username" autocapitalize="none" />
        </Field>
        <Field label="Password">
          <input name="password" type="password" required autocomplete="current-password" maxLength={1024} />
        </Field>
        {trouble === null ? null : (
          <Notice
            tone={wait_ms > 0 ? 'warn' : 'bad'}
            urgent
            aside={wait_ms > 0 ? <span class="figure">Try again in {countdown(wait_ms)}.</span> : null}
          >
            {trouble.words}
          </Notice>
        )}
        <button class="primary" aria-disabled={isWaiting}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}

function firstEmpty(form: HTMLFormElement | null): HTMLInputElement | undefined {
  return [...(form?.querySelectorAll('input') ?? [])].find(({ value }) => value === '');
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Failure) {
    const until_ms = error.retry_after_ms === null ? null : now_ms() + error.retry_after_ms;
    if (error.code === 'sign_in_throttled')
      return { words: 'Too many failed sign-ins from here for this user.', until_ms };
    if (error.code === 'invalid_credentials')
      return { words: 'Tenant, user and password do not fit together.', until_ms: null };
    return { words: error.message, until_ms };
  }
  return { words: wordsFor(error), until_ms: null };
}
