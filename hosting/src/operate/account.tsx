import { useState } from 'preact/hooks';
import { SessionList, type OwnSession } from '../api/answers.ts';
import { now } from '../lib/ticking.ts';
import { duration, localTime } from '../lib/words.ts';
import { signIn, signOut } from '../session.ts';
import { FormDialog } from '../ui/forms.tsx';
import { ListFoot } from '../ui/list.tsx';
import { ActionsHead, Badge, Time } from '../ui/parts.tsx';
import { useList } from '../ui/use-list.ts';
import type { ViewProps } from '../views.ts';
import { PasswordForm } from './password-form.tsx';
import { roleName } from './roles.tsx';

/** What everybody has: their own sessions, and their password. */
export default function Account({ client }: ViewProps) {
  const [ending, setEnding] = useState<OwnSession | null>(null);
  const list = useList(client, '/v1/account/sessions?limit=100', {
    schema: SessionList,
    rowsOf: ({ sessions }) => sessions,
    idOf: ({ session_id }) => session_id,
  });
  const state = signIn.value;
  if (state.kind !== 'signed_in') return null;
  const { user } = state.session;
  const end = async ({ session_id, current }: OwnSession): Promise<void> => {
    if (current) return signOut(client);
    await client.tell(`/v1/account/sessions/${encodeURIComponent(session_id)}`, { method: 'DELETE' });
    list.edit((rows) => rows.filter((row) => row.session_id !== session_id));
    setEnding(null);
  };
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Account</h1>
        <p class="quiet">
          {user.username}, {roleName(user.role)} in {client.tenant_id}
        </p>
      </div>
      <section class="stack" aria-labelledby="sessions">
        <h2 id="sessions">Your sessions</h2>
        {list.rows.length === 0 ? null : <SessionTable sessions={list.rows} onEnd={setEnding} />}
        <ListFoot list={list} noun="sessions" />
      </section>
      <PasswordForm client={client} username={user.username} onChanged={list.reload} />
      {ending === null ? null : (
        <FormDialog
          title={ending.current ? 'Sign out here?' : 'End this session?'}
          does={ending.current ? 'Sign out' : 'End it'}
          doing="Ending…"
          danger
          onClose={() => setEnding(null)}
          onSubmit={() => end(ending)}
        >
          <p>
            {ending.current
              ? 'It is the one you are using: you are signed out in this browser.'
              : 'Whoever uses it has to sign in again, elsewhere within half a minute at the latest.'}
          </p>
        </FormDialog>
      )}
    </div>
  );
}

interface SessionTableProps {
  readonly sessions: readonly OwnSession[];
  readonly onEnd: (session: OwnSession) => void;
}

function SessionTable({ sessions, onEnd }: SessionTableProps) {
  return (
    <div class="card flush">
      <table class="operate-table">
        <thead>
          <tr>
            <th scope="col">Signed in</th>
            <th scope="col">Last seen</th>
            <th scope="col" class="wide">
              Ends at the latest
            </th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.session_id}>
              <td>
                <Time ms={session.created_ms} /> {session.current ? <Badge tone="info">this one</Badge> : null}
              </td>
              <td class="figure">{duration(now.value - session.last_seen_ms)} ago</td>
              <td class="wide">
                <Time ms={session.expires_ms} />
                <span class="quiet small-text">, without use in {duration(session.idle_expires_ms - now.value)}</span>
              </td>
              <td class="actions">
                <button
                  type="button"
                  class="small danger"
                  aria-label={session.current ? undefined : `End the session of ${localTime(session.created_ms)}`}
                  onClick={() => onEnd(session)}
                >
                  {session.current ? 'Sign out' : 'End'}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
