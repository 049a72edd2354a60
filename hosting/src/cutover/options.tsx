/** What may be said with a step: only what belongs to it, because the server refuses the rest. */
import { DEFAULT_MIN_GREEN_MS } from '@bas/core/cutover/limits';
import { MAX_WORDS } from '@bas/core/cutover/shapes';
import { utcTime } from '../lib/words.ts';
import { Field } from '../ui/parts.tsx';
import type { Move, StepOptions } from './standing.ts';

const SPANS_MS: readonly (readonly [string, number])[] = [
  ['not asked for', 0],
  ['10 minutes', 600_000],
  ['1 hour', 3_600_000],
  ['6 hours', 6 * 3_600_000],
  ['24 hours', DEFAULT_MIN_GREEN_MS],
];

interface OptionsProps {
  readonly move: Move;
  readonly options: StepOptions;
  readonly onChange: (options: StepOptions) => void;
}

export function StepOptionFields({ move, options, onChange }: OptionsProps) {
  if (move.target === 'auth' || move.target === 'finalize') return null;
  const { emulator = false } = options;
  return (
    <details class="options">
      <summary>Options</summary>
      <div class="stack">
        {move.to === 'dual' ? <BackfillField options={options} onChange={onChange} /> : null}
        {move.from === 'dual' ? <GreenFields options={options} onChange={onChange} /> : null}
        <label class="check">
          <input
            type="checkbox"
            checked={emulator}
            onChange={({ currentTarget }) => onChange({ ...options, emulator: currentTarget.checked || undefined })}
          />
          <span>
            This is an emulator <span class="quiet">It enforces no index, so nothing of the indexes is proven.</span>
          </span>
        </label>
      </div>
    </details>
  );
}

function BackfillField({ options, onChange }: Omit<OptionsProps, 'move'>) {
  const { backfill_start_ms: start_ms } = options;
  return (
    <Field
      label="Deliver from"
      hint={
        start_ms === undefined
          ? 'All that is kept, when it is empty. What is older than this stays behind.'
          : utcTime(start_ms)
      }
    >
      <input
        type="datetime-local"
        onChange={({ currentTarget }) => {
          const ms = new Date(currentTarget.value).getTime();
          onChange({ ...options, backfill_start_ms: Number.isNaN(ms) ? undefined : ms });
        }}
      />
    </Field>
  );
}

function GreenFields({ options, onChange }: Omit<OptionsProps, 'move'>) {
  const { min_green_ms = DEFAULT_MIN_GREEN_MS, waive_older = '' } = options;
  return (
    <>
      <Field label="Green for at least" hint="For how long the stores must have agreed. Less is told in the audit log.">
        <select
          onChange={({ currentTarget }) => {
            const ms = Number(currentTarget.value);
            onChange({ ...options, min_green_ms: ms === DEFAULT_MIN_GREEN_MS ? undefined : ms });
          }}
        >
          {SPANS_MS.map(([name, ms]) => (
            <option key={ms} value={String(ms)} selected={ms === min_green_ms}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Leave older history behind, because" hint="Empty: it has to be in Firestore.">
        <input
          value={waive_older}
          maxLength={MAX_WORDS}
          onInput={({ currentTarget: { value } }) =>
            onChange({ ...options, waive_older: value.trim() === '' ? undefined : value })
          }
        />
      </Field>
    </>
  );
}
