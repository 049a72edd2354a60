/** The one move to make next, with everything that it asks for. */
import type { CutoverBody } from '@bas/core/cutover/shapes';
import { useState } from 'preact/hooks';
import type { Cutover } from '../api/answers.ts';
import { Notice } from '../ui/parts.tsx';
import { MoveDialog } from './move-dialogs.tsx';
import { StepOptionFields } from './options.tsx';
import { NAMES, preconditionsOf, type Move, type Precondition, type StepOptions } from './standing.ts';
import { meaningOf, onThePage } from './words.ts';

interface NextMoveProps {
  readonly status: Cutover;
  readonly move: Move;
  readonly act: (body: CutoverBody) => Promise<void>;
}

export function NextMove({ status, move, act }: NextMoveProps) {
  const [options, setOptions] = useState<StepOptions>({});
  const [isOpen, setOpen] = useState(false);
  const preconditions = preconditionsOf(status, move, options);
  const missing = preconditions.filter(({ met }) => met === false).length;
  const name = NAMES[move.target].toLowerCase();
  const isEnd = move.target === 'finalize';
  return (
    <section class="card stack next-move" aria-labelledby="next-move">
      <div>
        <p class="quiet small-text">Next move</p>
        <h2 id="next-move">{isEnd ? 'Finalize' : `${NAMES[move.target]}: ${move.from} → ${move.to}`}</h2>
      </div>
      <p>{meaningOf(move)}</p>
      <ul class="preconditions" aria-label="Preconditions">
        {preconditions.map((one) => (
          <PreconditionLine key={one.label} {...one} />
        ))}
      </ul>
      {move.reasons.length === 0 ? null : <Reasons reasons={move.reasons} />}
      <StepOptionFields move={move} options={options} onChange={setOptions} />
      <div class="row">
        <button type="button" class={missing > 0 ? '' : isEnd ? 'danger' : 'primary'} onClick={() => setOpen(true)}>
          {isEnd ? 'Finalize…' : `Advance ${name}…`}
        </button>
        {missing > 0 ? (
          <span class="quiet small-text">
            {missing === 1 ? 'One thing is' : `${missing} things are`} missing: the server would refuse it.
          </span>
        ) : null}
      </div>
      {isOpen ? (
        <MoveDialog
          move={move}
          options={options}
          onClose={() => setOpen(false)}
          act={async (body) => {
            await act(body);
            setOpen(false);
          }}
        />
      ) : null}
    </section>
  );
}

const MARKS = { yes: ['✓', 'met'], no: ['✕', 'missing'], open: ['?', 'not known yet'] } as const;

function PreconditionLine({ label, met, detail }: Precondition) {
  const kind = met === null ? 'open' : met ? 'yes' : 'no';
  const [mark, words] = MARKS[kind];
  return (
    <li class={`precondition ${kind}`}>
      <span class="mark" aria-hidden="true">
        {mark}
      </span>
      <span>
        {label}
        <span class="hidden-text">: {words}</span> <span class="quiet small-text">{detail}</span>
      </span>
    </li>
  );
}

function Reasons({ reasons }: { readonly reasons: readonly string[] }) {
  return (
    <Notice tone="info">
      The server says, as things stand and without options:
      <ul class="reasons">
        {reasons.map((reason) => (
          <li key={reason}>{onThePage(reason)}</li>
        ))}
      </ul>
    </Notice>
  );
}
