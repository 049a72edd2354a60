import { useMemo, useState } from 'preact/hooks';
import { Usage as UsageAnswer, type UsageRow } from '../api/answers.ts';
import { now_ms } from '../lib/clock.ts';
import { addressOf } from '../router.ts';
import { ListFoot } from '../ui/list.tsx';
import { Empty, Field, Notice } from '../ui/parts.tsx';
import { useList } from '../ui/use-list.ts';
import type { ViewProps } from '../views.ts';
import { SIDES, totalOf, usageBy, usagePath, type Side, type Sums, type UsageLine } from './usage-sums.ts';

const SPANS = [7, 30, 90] as const;

const TITLES: Readonly<Record<Side, string>> = { day: 'Day', function: 'Function', device_id: 'Device' };

/** What the tenant used: what a bill is made of. */
export default function Usage({ client }: ViewProps) {
  const [days, setDays] = useState<number>(SPANS[0]);
  const [side, setSide] = useState<Side>('day');
  const path = useMemo(() => usagePath(days, now_ms()), [days]);
  const list = useList(client, path, {
    schema: UsageAnswer,
    rowsOf: ({ usage }) => usage,
    idOf: ({ day, function: name, device_id }) => `${day} ${name} ${device_id ?? ''}`,
  });
  return (
    <>
      <div class="page-head">
        <h1>Usage</h1>
        <Field label="In the last">
          <select value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {SPANS.map((span) => (
              <option key={span} value={String(span)}>
                {span} days
              </option>
            ))}
          </select>
        </Field>
        <fieldset class="row" aria-label="Added up by">
          {SIDES.map((known) => (
            <button key={known} type="button" aria-pressed={known === side} onClick={() => setSide(known)}>
              By {TITLES[known].toLowerCase()}
            </button>
          ))}
        </fieldset>
      </div>
      {list.rows.length === 0 && list.state === 'ready' ? (
        <Empty title="Nothing used in these days">
          <p>What devices post and people look at is counted here within a minute or so.</p>
        </Empty>
      ) : null}
      {list.rows.length === 0 ? null : (
        <div class="stack">
          {list.has_more ? (
            <Notice tone="info">
              There is more: the oldest {list.rows.length.toLocaleString()} counts are added up so far. Show more below.
            </Notice>
          ) : null}
          <UsageTable rows={list.rows} side={side} is_whole={!list.has_more} />
        </div>
      )}
      <p class="quiet small-text">
        Days are in UTC. Reads, writes and deletes are Firestore documents; a box on SQLite has none. Points are those
        that were stored.
      </p>
      <ListFoot list={list} noun="counts" />
    </>
  );
}

const COLUMNS = ['reads', 'writes', 'deletes', 'points'] as const;

interface UsageTableProps {
  readonly rows: readonly UsageRow[];
  readonly side: Side;
  /** Whether these are all there are. */
  readonly is_whole: boolean;
}

function UsageTable({ rows, side, is_whole }: UsageTableProps) {
  const lines = usageBy(rows, side);
  const most = Object.fromEntries(COLUMNS.map((column) => [column, Math.max(...lines.map((line) => line[column]))]));
  return (
    <div class="card flush">
      <table class="operate-table usage">
        <thead>
          <tr>
            <th scope="col">{TITLES[side]}</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class={column === 'deletes' ? 'number wide' : 'number'}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name ?? ''}>
              <th scope="row">
                <LineName line={line} side={side} />
              </th>
              <Counts counts={line} most={most} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{is_whole ? 'All' : 'So far'}</th>
            <Counts counts={totalOf(rows)} most={{}} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function LineName({ line: { name }, side }: { readonly line: UsageLine; readonly side: Side }) {
  if (name === null) return <span class="quiet">no device of its own</span>;
  return side === 'device_id' ? <a href={addressOf('device', name)}>{name}</a> : <>{name}</>;
}

/** Each with a bar beside it, as long as its share of the column's longest. */
function Counts({ counts, most }: { readonly counts: Sums; readonly most: Readonly<Record<string, number>> }) {
  return (
    <>
      {COLUMNS.map((column) => (
        <td key={column} class={column === 'deletes' ? 'number wide' : 'number'}>
          <span class="figure">{counts[column].toLocaleString()}</span>
          <span
            class="bar"
            aria-hidden="true"
            style={{ '--share': counts[column] / Math.max(1, most[column] ?? Infinity) }}
          />
        </td>
      ))}
    </>
  );
}
