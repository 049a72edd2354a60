import { useState } from 'preact/hooks';
import { UserList, type User } from '../api/answers.ts';
import { enter, signIn } from '../session.ts';
import { ListFoot } from '../ui/list.tsx';
import { ActionsHead, Badge, Time } from '../ui/parts.tsx';
import { useList } from '../ui/use-list.ts';
import type { ViewProps } from '../views.ts';
import { keepUser } from './known-users.ts';
import { roleName } from './roles.tsx';
import { AccessDialog, CreateUserDialog, RoleDialog } from './user-dialogs.tsx';

type Open = { readonly kind: 'create' } | { readonly kind: 'role' | 'access'; readonly user: User };

/** Who may sign in to the tenant, and as what. */
export default function Users({ client }: ViewProps) {
  const [open, setOpen] = useState<Open | null>(null);
  const list = useList(client, '/v1/users?limit=100', {
    schema: UserList,
    rowsOf: ({ users }) => users,
    idOf: ({ user_id }) => user_id,
  });
  const state = signIn.value;
  const own_id = state.kind === 'signed_in' ? state.session.user.user_id : null;
  const close = (): void => setOpen(null);
  const done = (user: User): void => {
    list.edit((rows) => [...rows.filter(({ user_id }) => user_id !== user.user_id), user]);
    keepUser(client, user);
    close();
    // A change of one's own has ended this session.
    if (user.user_id === own_id) void enter(client).catch(() => undefined);
  };
  const dialog = { client, onClose: close, onDone: done };
  return (
    <>
      <div class="page-head">
        <h1>Users</h1>
        <button type="button" class="primary" onClick={() => setOpen({ kind: 'create' })}>
          Create a user
        </button>
      </div>
      {list.rows.length === 0 ? null : <UserTable users={list.rows} own_id={own_id} onOpen={setOpen} />}
      <ListFoot list={list} noun="users" />
      {open?.kind === 'create' ? <CreateUserDialog {...dialog} /> : null}
      {open?.kind === 'role' ? (
        <RoleDialog {...dialog} user={open.user} is_self={open.user.user_id === own_id} />
      ) : null}
      {open?.kind === 'access' ? (
        <AccessDialog {...dialog} user={open.user} is_self={open.user.user_id === own_id} />
      ) : null}
    </>
  );
}

interface UserTableProps {
  readonly users: readonly User[];
  readonly own_id: string | null;
  readonly onOpen: (open: Open) => void;
}

function UserTable({ users, own_id, onOpen }: UserTableProps) {
  const byName = users.toSorted((a, b) => a.username.localeCompare(b.username));
  return (
    <div class="card flush">
      <table class="operate-table">
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">Role</th>
            <th scope="col" class="wide">
              Created
            </th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {byName.map((user) => (
            <tr key={user.user_id}>
              <th scope="row" class="named">
                <span title={user.user_id}>{user.username}</span>
                {user.user_id === own_id ? <Badge tone="info">you</Badge> : null}
                {user.disabled ? <Badge tone="warn">disabled</Badge> : null}
              </th>
              <td>{roleName(user.role)}</td>
              <td class="wide">
                <Time ms={user.created_ms} />
              </td>
              <td class="actions">
                <button
                  type="button"
                  class="small"
                  aria-label={`Role of ${user.username}`}
                  onClick={() => onOpen({ kind: 'role', user })}
                >
                  Role
                </button>
                <button
                  type="button"
                  class="small"
                  aria-label={`${user.disabled ? 'Enable' : 'Disable'} ${user.username}`}
                  onClick={() => onOpen({ kind: 'access', user })}
                >
                  {user.disabled ? 'Enable' : 'Disable'}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
