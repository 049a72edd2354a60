import { AuditList, type User } from '../api/answers.ts';
import { utcTime } from '../lib/words.ts';
import { adjust, place } from '../router.ts';
import { ListFoot } from '../ui/list.tsx';
import { Empty, Field, Notice } from '../ui/parts.tsx';
import { useDraft } from '../ui/use-draft.ts';
import { useList } from '../ui/use-list.ts';
import type { ViewProps } from '../views.ts';
import { ACTIONS, auditPath, filterOf, instant_ms, type AuditFilter } from './audit-question.ts';
import { AuditTable } from './audit-table.tsx';
import { useKnownUsers } from './known-users.ts';

/** Who did what, newest first. */
export default function Audit({ client }: ViewProps) {
  const filter = filterOf(place.value.options);
  const asked = auditPath(filter);
  const users = useKnownUsers(client);
  return (
    <>
      <div class="page-head">
        <h1>Audit</h1>
      </div>
      <Filters filter={filter} users={users} />
      {'trouble' in asked ? (
        <Notice tone="warn">{asked.trouble}</Notice>
      ) : (
        <Events key={asked.path} client={client} path={asked.path} users={users} />
      )}
    </>
  );
}

function Events({
  client,
  path,
  users,
}: Pick<ViewProps, 'client'> & { readonly path: string; readonly users: readonly User[] }) {
  const list = useList(client, path, {
    schema: AuditList,
    rowsOf: ({ events }) => events,
    idOf: ({ event_id }) => event_id,
  });
  const names = new Map(users.map(({ user_id, username }) => [user_id, username]));
  return (
    <>
      {list.rows.length === 0 ? null : <AuditTable events={list.rows} names={names} />}
      {list.rows.length === 0 && list.state === 'ready' ? (
        <Empty title="Nothing of the kind">
          <p>No event fits these filters. The log goes back half a year.</p>
        </Empty>
      ) : null}
      <div class="row list-row">
        <ListFoot list={list} noun="events" />
        <button type="button" class="small" aria-disabled={list.state === 'loading'} onClick={list.reload}>
          Look again
        </button>
      </div>
    </>
  );
}

function Filters({ filter, users }: { readonly filter: AuditFilter; readonly users: readonly User[] }) {
  const known = users.toSorted((a, b) => a.username.localeCompare(b.username));
  const set = (part: Partial<AuditFilter>): void => adjust(part);
  return (
    <form class="card filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <Field label="User">
        <select value={filter.user_id} onChange={(event) => set({ user_id: event.currentTarget.value })}>
          <option value="">everybody</option>
          {known.map(({ user_id, username }) => (
            <option key={user_id} value={user_id}>
              {username}
            </option>
          ))}
          {filter.user_id === '' || known.some(({ user_id }) => user_id === filter.user_id) ? null : (
            <option value={filter.user_id}>{filter.user_id}</option>
          )}
        </select>
      </Field>
      <Field label="Action">
        <select value={filter.action} onChange={(event) => set({ action: event.currentTarget.value })}>
          <option value="">any</option>
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {action}
            </option>
          ))}
        </select>
      </Field>
      <When label="From" value={filter.from} onChange={(from) => set({ from })} />
      <When label="To" value={filter.to} onChange={(to) => set({ to })} />
      <button type="button" onClick={() => set({ user_id: '', action: '', from: '', to: '' })}>
        Clear
      </button>
    </form>
  );
}

interface WhenProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Each question of the log costs reads, and the browser tells of every part of a time as it is typed. */
const PAUSE_MS = 1_500;

/** A local time, with what it is in UTC. */
function When({ label, value, onChange }: WhenProps) {
  const draft = useDraft(value, onChange, PAUSE_MS);
  const ms = instant_ms(draft.text);
  return (
    <Field label={label} hint={ms === null ? 'your own time' : utcTime(ms).replace(':00 UTC', ' UTC')}>
      <input
        type="datetime-local"
        value={draft.text}
        onInput={(event) => draft.type(event.currentTarget.value)}
        onBlur={draft.settle}
      />
    </Field>
  );
}
