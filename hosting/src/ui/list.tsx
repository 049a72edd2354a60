/** What stands below and instead of a list's rows. */
import { useEffect, useRef } from 'preact/hooks';
import { Failure, wordsFor } from '../api/failure.ts';
import { Notice } from './parts.tsx';
import type { List } from './use-list.ts';

type ListState = Omit<List<unknown>, 'edit'>;

/** The way to the next page, and what keeps it from coming. */
export function ListFoot({ list, noun }: { readonly list: ListState; readonly noun: string }) {
  const isLoading = list.state === 'loading';
  const count = useRef<HTMLParagraphElement>(null);
  const asked = useRef(false);
  // The button goes with the last page: whoever pressed it by the keyboard stays here.
  useEffect(() => {
    if (asked.current && !list.has_more) count.current?.focus();
    asked.current = false;
  }, [list.has_more]);
  const more = (): void => {
    if (isLoading) return;
    asked.current = true;
    list.more();
  };
  return (
    <div class="list-foot">
      {list.failure === null || isLoading ? null : <ListTrouble list={list} />}
      {list.rows.length === 0 && isLoading ? (
        <p class="quiet">Loading {noun}…</p>
      ) : (
        <p ref={count} class="quiet small-text" role="status" tabIndex={-1}>
          {list.rows.length.toLocaleString()} {noun} shown{list.has_more ? '; there are more.' : '.'}
        </p>
      )}
      {list.has_more ? (
        <button type="button" aria-disabled={isLoading} onClick={more}>
          {isLoading ? 'Loading…' : 'Show more'}
        </button>
      ) : null}
    </div>
  );
}

function ListTrouble({ list }: { readonly list: ListState }) {
  const passes = list.failure instanceof Failure && list.failure.isPassing;
  return (
    <Notice tone={passes ? 'warn' : 'bad'}>
      {wordsFor(list.failure)} {passes ? 'This list tries again by itself. ' : ''}
      <button type="button" class="small" onClick={list.reload}>
        Try now
      </button>
    </Notice>
  );
}
