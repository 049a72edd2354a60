import { now } from '../lib/ticking.ts';
import { adjust } from '../router.ts';
import { useDraft } from '../ui/use-draft.ts';
import { STATES, tally, type State, type Wish } from './arrange.ts';
import { rowsOf, type Watched } from './use-arranged.ts';

/** Browsers allow only so many changes of the address in a while. */
const PAUSE_MS = 200;

interface ToolbarProps {
  readonly wish: Wish;
  readonly watched: Watched;
}

/** Search, and how many devices there are of each status. */
export function Toolbar({ wish, watched }: ToolbarProps) {
  const search = useDraft(wish.search, (text) => adjust({ search: text }), PAUSE_MS);
  return (
    <div class="overview-tools">
      <input
        type="search"
        aria-label="Search"
        placeholder="Name, id or tag"
        value={search.text}
        onInput={(event) => search.type(event.currentTarget.value)}
        onBlur={search.settle}
      />
      <Chips wish={wish} watched={watched} />
    </div>
  );
}

/** Counted with every answer and every second, because a status follows the time. */
function Chips({ wish, watched }: ToolbarProps) {
  watched.known.follow();
  const rows = rowsOf(watched, now.value);
  const counts = tally(rows);
  const states = STATES.filter((state) => state !== 'unseen' && (state !== 'disabled' || counts.disabled > 0));
  return (
    <div class="chips" role="group" aria-label="Show by status">
      <Chip show="all" count={rows.length} wish={wish} />
      {states.map((state) => (
        <Chip key={state} show={state} count={counts[state]} wish={wish} />
      ))}
      {counts.unseen === 0 ? null : (
        <span class="quiet small-text figure" title="The status of a device is known once its row was on screen">
          of {rows.length - counts.unseen} seen
        </span>
      )}
    </div>
  );
}

interface ChipProps {
  readonly show: State | 'all';
  readonly count: number;
  readonly wish: Wish;
}

function Chip({ show, count, wish }: ChipProps) {
  const tone = count === 0 ? '' : show;
  return (
    <button
      type="button"
      class={`chip ${tone}`}
      aria-pressed={wish.show === show}
      onClick={() => adjust({ show: wish.show === show ? 'all' : show })}
    >
      <span class="figure">{count}</span> {show}
    </button>
  );
}
