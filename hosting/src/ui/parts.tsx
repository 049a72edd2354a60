/** Small parts that every view uses. */
import { cloneElement, isValidElement, type ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { localTime, utcTime } from '../lib/words.ts';

export type Tone = 'good' | 'info' | 'warn' | 'bad' | 'quiet';

/** A few words in a coloured pill; the words say it, the colour only helps. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** Tells of something without being in the way; `urgent` is read out at once. */
export function Notice(props: {
  readonly tone: Tone;
  readonly urgent?: boolean;
  /** What changes all the while, such as a countdown, or is there to be used: not read out again and again. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`notice ${props.tone}`}>
      <span role={props.urgent === true ? 'alert' : 'status'}>{props.children}</span> {props.aside}
    </div>
  );
}

/** A time in the reader's zone, with UTC on hover. */
export function Time({ ms }: { readonly ms: number }) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={utcTime(ms)}>
      {localTime(ms)}
    </time>
  );
}

/** Above the buttons of each row: there is nothing to see, and something to hear. */
export function ActionsHead() {
  return (
    <th scope="col">
      <span class="hidden-text">Actions</span>
    </th>
  );
}

/** Says what a list would show when there is nothing to show, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

const COPIED_FOR_MS = 2_000;

export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [said, say] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => say(null), COPIED_FOR_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => say('Copied'),
      () => say('Select it and copy by hand'),
    );
  return (
    <button type="button" class="small" onClick={() => void copy()} aria-live="polite">
      {said ?? label}
    </button>
  );
}

interface DialogProps {
  readonly title: string;
  /** Escape and the button; not called when the dialog goes by itself. */
  readonly onClose: () => void;
  /** Goes only by a button of its own: what it shows is shown once. */
  readonly firm?: boolean;
  readonly children: ComponentChildren;
}

/** The browser's own modal: it keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, firm = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Not later: a dialog that is out of the page already gives no focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        // Its owner takes it away, or does not.
        event.preventDefault();
        if (!firm) onClose();
      }}
      onClose={({ currentTarget }) => {
        // Whoever insists on Escape closes it past `cancel`. One that is gone already is closed by its owner.
        if (!currentTarget.isConnected) return;
        if (firm) currentTarget.showModal();
        else onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        {firm ? null : (
          <button type="button" class="plain" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

/** A labelled control; the hint is read with it. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  const described = hint !== undefined && isValidElement(children);
  const control = described ? cloneElement(children, { 'aria-describedby': id }) : children;
  return (
    <div class="field">
      <label>
        <span class="field-label">{label}</span>
        {control}
      </label>
      {hint === undefined ? null : (
        <span class="field-hint" id={id}>
          {hint}
        </span>
      )}
    </div>
  );
}
