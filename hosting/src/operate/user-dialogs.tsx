/** A new user, another role, and an end or a new beginning of access. */
import { useState } from 'preact/hooks';
import { User } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { madeUpPassword, PASSWORD_HINT, passwordTrouble } from '../lib/passwords.ts';
import { FormDialog, TypedConfirm } from '../ui/forms.tsx';
import { CopyButton, Field } from '../ui/parts.tsx';
import { RolePicker, roleName, rolesOf } from './roles.tsx';

interface DialogProps {
  readonly client: Client;
  readonly onClose: () => void;
  readonly onDone: (user: User) => void;
}

export function CreateUserDialog({ client, onClose, onDone }: DialogProps) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState(rolesOf(client.tenant_id)[0] ?? 'viewer');
  const create = async (): Promise<void> => {
    const body = { username: username.trim(), password, role };
    onDone(await client.send('/v1/users', User, { method: 'POST', body }));
  };
  const trouble = password === '' ? null : passwordTrouble(password);
  const ready = username.trim() !== '' && passwordTrouble(password) === null;
  return (
    <FormDialog title="Create a user" does="Create" doing="Creating…" ready={ready} onClose={onClose} onSubmit={create}>
      <Field label="User" hint="Letters, digits and . _ : @ - ; an address will do. Capitals make no difference.">
        <input
          value={username}
          required
          autofocus
          maxLength={128}
          pattern="[A-Za-z0-9][A-Za-z0-9._:@\-]*"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => setUsername(event.currentTarget.value)}
        />
      </Field>
      <Field label="Password" hint={trouble ?? PASSWORD_HINT}>
        <input
          value={password}
          required
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </Field>
      <div class="row">
        <button type="button" class="small" onClick={() => setPassword(madeUpPassword())}>
          Make one up
        </button>
        {ready ? <CopyButton text={password} label="Copy the password" /> : null}
        <span class="quiet small-text">Nobody can see it again. They change it under Account.</span>
      </div>
      <RolePicker tenant_id={client.tenant_id} value={role} onChange={setRole} />
    </FormDialog>
  );
}

interface ChangeProps extends DialogProps {
  readonly user: User;
  /** Whether it is the one who asks. */
  readonly is_self: boolean;
}

export function RoleDialog({ client, user, is_self, onClose, onDone }: ChangeProps) {
  const [role, setRole] = useState(user.role);
  const parts = {
    title: `The role of ${user.username}`,
    does: role === user.role ? 'Save' : `Make them ${roleName(role)}`,
    doing: 'Changing…',
    ready: role !== user.role,
    onClose,
    onSubmit: async () => onDone(await patch(client, user, { role })),
  };
  const fields = (
    <>
      <RolePicker tenant_id={client.tenant_id} value={role} onChange={setRole} />
      <p class="quiet">A change ends every session of {user.username}: they sign in again.</p>
    </>
  );
  if (!is_self) return <FormDialog {...parts}>{fields}</FormDialog>;
  return (
    <TypedConfirm {...parts} word={user.username} danger>
      {fields}
      <p class="bad-text">This is you. You are signed out, and what you may do is less from then on.</p>
    </TypedConfirm>
  );
}

export function AccessDialog({ client, user, is_self, onClose, onDone }: ChangeProps) {
  const disabled = !user.disabled;
  const parts = {
    title: disabled ? `Disable ${user.username}?` : `Enable ${user.username}?`,
    does: disabled ? 'Disable' : 'Enable',
    doing: disabled ? 'Disabling…' : 'Enabling…',
    danger: disabled,
    onClose,
    onSubmit: async () => onDone(await patch(client, user, { disabled })),
  };
  if (!is_self || !disabled) {
    return (
      <FormDialog {...parts}>
        <p>
          {disabled
            ? 'Every session of theirs ends, and they cannot sign in until somebody enables them. Nothing is deleted.'
            : 'They can sign in again, with the password and the role they had.'}
        </p>
      </FormDialog>
    );
  }
  return (
    <TypedConfirm {...parts} word={user.username}>
      <p class="bad-text">This is you. You are signed out, and only another administrator can let you in again.</p>
    </TypedConfirm>
  );
}

function patch(client: Client, user: User, body: Partial<User>): Promise<User> {
  return client.send(`/v1/users/${encodeURIComponent(user.user_id)}`, User, { method: 'PATCH', body });
}
