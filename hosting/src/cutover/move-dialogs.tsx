/** What is confirmed by hand before it is done: a move, a roll-back, and the end. */
import { MAX_WORDS, type CutoverBody } from '@bas/core/cutover/shapes';
import { useState } from 'preact/hooks';
import { TypedConfirm } from '../ui/forms.tsx';
import { Field } from '../ui/parts.tsx';
import { NAMES, type Concern, type Move, type StepOptions } from './standing.ts';
import { BACK, meaningOf } from './words.ts';

interface DialogProps {
  readonly act: (body: CutoverBody) => Promise<void>;
  readonly onClose: () => void;
}

export function MoveDialog({
  move,
  options,
  act,
  onClose,
}: DialogProps & { readonly move: Move; readonly options: StepOptions }) {
  const { target, from, to } = move;
  const close = { doing: target === 'finalize' ? 'Finalizing…' : 'Advancing…', onClose };
  if (target === 'finalize') {
    return (
      <TypedConfirm
        {...close}
        title="Finalize the cutover?"
        does="Finalize"
        word="finalize"
        danger
        onSubmit={() => act({ action: 'finalize', confirm: 'finalize' })}
      >
        <p>{meaningOf(move)}</p>
        <p class="bad-text">
          <strong>It cannot be undone.</strong> There is no way back to SQLite after it, and everybody signs in again.
        </p>
      </TypedConfirm>
    );
  }
  return (
    <TypedConfirm
      {...close}
      title={`Advance ${NAMES[target].toLowerCase()}?`}
      does={`Advance to ${to}`}
      word={target}
      onSubmit={() => act({ action: 'advance', concern: target, ...options })}
    >
      <p>
        <strong>
          {from} → {to}.
        </strong>{' '}
        {meaningOf(move)}
      </p>
      <p class="quiet small-text">
        The server checks everything once more. If it refuses, it says why and nothing is changed.
      </p>
    </TypedConfirm>
  );
}

export function RollbackDialog({ concern, act, onClose }: DialogProps & { readonly concern: Concern }) {
  const [reason, setReason] = useState('');
  return (
    <TypedConfirm
      title={`Roll back ${NAMES[concern].toLowerCase()}?`}
      does="Roll back to SQLite"
      doing="Rolling back…"
      danger
      word={concern}
      ready={reason.trim() !== ''}
      onClose={onClose}
      onSubmit={() => act({ action: 'rollback', concern, reason: reason.trim() })}
    >
      <p>{BACK[concern]}</p>
      <Field label="Reason" hint="For the audit log; required.">
        <input
          value={reason}
          required
          autofocus
          maxLength={MAX_WORDS}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
    </TypedConfirm>
  );
}
