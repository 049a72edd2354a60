import { useMemo, useRef } from 'preact/hooks';
import { adjust } from '../router.ts';
import { Empty } from '../ui/parts.tsx';
import type { Sort, Wish } from './arrange.ts';
import { DeviceRow } from './row.tsx';
import { useArranged, type Watched } from './use-arranged.ts';

interface TableProps {
  readonly watched: Watched;
  readonly wish: Wish;
}

/** A table by its roles: boxes of a real one cannot be left out of layout while they are off the screen. */
export function OverviewTable({ watched, wish }: TableProps) {
  const list = useRef<HTMLDivElement>(null);
  const { known, on_screen } = watched;
  const devices = useArranged(list, watched, wish);
  const rows = useMemo(
    () =>
      devices.map((device) => <DeviceRow key={device.device_id} device={device} known={known} on_screen={on_screen} />),
    [devices, known, on_screen],
  );
  return (
    <>
      <div class="card flush devices" role="table" aria-label="Devices" hidden={devices.length === 0}>
        <div role="rowgroup">
          <div role="row" class="device-heads">
            <Head title="Name" sort="name" wish={wish} />
            <Head title="Status" sort="status" wish={wish} />
            <span role="columnheader">Newest values</span>
            <span role="columnheader">Trend of the first</span>
            <Head title="Age" sort="age" wish={wish} />
          </div>
        </div>
        <div role="rowgroup" ref={list}>
          {rows}
        </div>
      </div>
      {devices.length === 0 ? <NothingFits wish={wish} /> : null}
    </>
  );
}

interface HeadProps {
  readonly title: string;
  readonly sort: Sort;
  readonly wish: Wish;
}

function Head({ title, sort, wish }: HeadProps) {
  const is_sorted = wish.sort === sort;
  return (
    <span role="columnheader" aria-sort={is_sorted ? (wish.reversed ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class="plain" onClick={() => sortBy(sort, wish)}>
        {title}
        <span aria-hidden="true">{is_sorted ? (wish.reversed ? ' ▾' : ' ▴') : ''}</span>
      </button>
    </span>
  );
}

/** The same column again turns its order round. */
function sortBy(sort: Sort, { sort: before, reversed }: Wish): void {
  adjust({ sort, reversed: sort === before && !reversed ? 'yes' : 'no' });
}

function NothingFits({ wish: { search, show } }: { readonly wish: Wish }) {
  const kind = show === 'all' ? '' : `${show} `;
  return (
    <Empty title={search === '' ? `No ${kind}device among those seen` : `No ${kind}device fits “${search}”`}>
      <button type="button" onClick={() => adjust({ search: '', show: 'all' })}>
        Show all devices
      </button>
    </Empty>
  );
}
