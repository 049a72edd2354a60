/** Dialogs in which something is said and then done. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Failure, wordsFor } from '../api/failure.ts';
import { now } from '../lib/ticking.ts';
import { duration, waitText } from '../lib/words.ts';
import { Dialog, Field, Notice } from './parts.tsx';
import { useAction, type Action } from './use-action.ts';

/** Why it was not done: each reason on a line of its own where there are several. */
export function ActionTrouble({ action }: { readonly action: Action }) {
  const { failure } = action;
  if (failure === null) return null;
  if (failure instanceof Failure && failure.reasons.length > 0) {
    return (
      <Notice tone="bad" urgent>
        Refused; nothing was changed:
        <ul class="reasons">
          {failure.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </Notice>
    );
  }
  const wait_ms = failure instanceof Failure ? failure.retry_after_ms : null;
  return (
    <Notice tone="bad" urgent>
      {wordsFor(failure)} {wait_ms === null ? null : `Try again in ${waitText(wait_ms)}.`}
    </Notice>
  );
}

interface FormDialogProps {
  readonly title: string;
  /** On the button, such as `Register`; and while it is being done, such as `Registering…`. */
  readonly does: string;
  readonly doing: string;
  readonly danger?: boolean;
  /** Nothing more is to be said before it can be done. */
  readonly ready?: boolean;
  readonly onClose: () => void;
  /** Does it; the dialog stays open when it throws, and says why. */
  readonly onSubmit: () => Promise<void>;
  readonly children?: ComponentChildren;
}

/** A form with its one button. While it is being done it says for how long, and keeps what was typed. */
export function FormDialog({ title, does, doing, danger, ready = true, onClose, onSubmit, children }: FormDialogProps) {
  const action = useAction();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (ready) action.run(onSubmit);
  };
  const waited_ms = now.value - action.since_ms;
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {children}
        <ActionTrouble action={action} />
        <div class="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button
            class={danger === true ? 'danger' : 'primary'}
            disabled={!ready && !action.busy}
            aria-disabled={action.busy}
            aria-busy={action.busy}
          >
            {action.busy ? `${doing}${waited_ms > 2_000 ? ` ${duration(waited_ms)}` : ''}` : does}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface TypedConfirmProps extends Omit<FormDialogProps, 'ready'> {
  /** What has to be typed before it can be done. */
  readonly word: string;
  /** Whether everything else has been said. */
  readonly ready?: boolean;
}

/** For what nobody should do by a slip of the hand. */
export function TypedConfirm({ word, ready = true, children, ...form }: TypedConfirmProps) {
  const [typed, setTyped] = useState('');
  return (
    <FormDialog {...form} ready={ready && typed.trim() === word}>
      {children}
      <Field label={`Type “${word}” to confirm`}>
        <input
          value={typed}
          autofocus
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </Field>
    </FormDialog>
  );
}
