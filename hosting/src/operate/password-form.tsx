import { useState } from 'preact/hooks';
import { Session } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { Failure } from '../api/failure.ts';
import { PASSWORD_HINT, passwordTrouble } from '../lib/passwords.ts';
import { waitText } from '../lib/words.ts';
import { accept } from '../session.ts';
import { ActionTrouble } from '../ui/forms.tsx';
import { Field, Notice } from '../ui/parts.tsx';
import { useAction } from '../ui/use-action.ts';

interface PasswordFormProps {
  readonly client: Client;
  readonly username: string;
  readonly onChanged: () => void;
}

const EMPTY = { current: '', fresh: '', again: '' };

/** The current password is asked for: a browser left open is not enough. */
export function PasswordForm({ client, username, onChanged }: PasswordFormProps) {
  const [typed, setTyped] = useState(EMPTY);
  const [done, setDone] = useState(false);
  const action = useAction();
  const { current, fresh, again } = typed;
  const short = fresh === '' ? null : passwordTrouble(fresh);
  const unlike = again === '' || again === fresh ? null : 'The two are not the same.';
  const ready = current !== '' && passwordTrouble(fresh) === null && again === fresh;

  async function change(): Promise<void> {
    setDone(false);
    const body = { current_password: current, new_password: fresh };
    try {
      accept(await client.send('/v1/account/password', Session, { method: 'POST', body }), client);
    } catch (error) {
      throw inWords(error);
    }
    setTyped(EMPTY);
    setDone(true);
    onChanged();
  }

  const field = (name: keyof typeof EMPTY, autocomplete: 'current-password' | 'new-password') => (
    <input
      type="password"
      required
      maxLength={1024}
      value={typed[name]}
      autocomplete={autocomplete}
      onInput={({ currentTarget }) => setTyped((before) => ({ ...before, [name]: currentTarget.value }))}
    />
  );
  return (
    <form
      class="card stack password"
      aria-labelledby="password"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) action.run(change);
      }}
    >
      <h2 id="password">Change your password</h2>
      <p class="quiet">Every other session of yours ends; this one goes on.</p>
      <input type="hidden" name="username" autocomplete="username" value={username} />
      <Field label="Current password">{field('current', 'current-password')}</Field>
      <Field label="New password" hint={short ?? PASSWORD_HINT}>
        {field('fresh', 'new-password')}
      </Field>
      <Field label="New password again" {...(unlike === null ? {} : { hint: unlike })}>
        {field('again', 'new-password')}
      </Field>
      <ActionTrouble action={action} />
      {done ? <Notice tone="good">Your password is changed. Every other session has ended.</Notice> : null}
      <div class="row">
        <button class="primary" aria-disabled={!ready || action.busy}>
          {action.busy ? 'Changing…' : 'Change the password'}
        </button>
      </div>
    </form>
  );
}

/** The server's words for these two are about signing in. */
function inWords(error: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.code === 'invalid_credentials') return new Failure(error.code, 'The current password is not right.');
  if (error.code === 'sign_in_throttled') {
    const wait = error.retry_after_ms === null ? 'a while' : waitText(error.retry_after_ms);
    return new Failure(error.code, `Too many wrong passwords: wait ${wait} before the next.`);
  }
  return error;
}
