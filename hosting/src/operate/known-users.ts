/** Who the users of a tenant are, asked for once a session: each costs a document read, and only names are wanted. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { UserList, type User } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { Failure } from '../api/failure.ts';
import { delay } from '../lib/delay.ts';

const RETRY_MS = 10_000;

interface Known {
  readonly client: Client;
  readonly users: readonly User[];
}

const known = signal<Known | null>(null);
const NOBODY: readonly User[] = [];

/** Nobody until they are known: ids do without. */
export function useKnownUsers(client: Client): readonly User[] {
  useEffect(() => {
    if (known.peek()?.client === client) return undefined;
    const stop = new AbortController();
    load(client, stop.signal).catch(() => undefined);
    return () => stop.abort();
  }, [client]);
  const now = known.value;
  return now?.client === client ? now.users : NOBODY;
}

/** After one was created or changed. */
export function keepUser(client: Client, user: User): void {
  const before = known.peek();
  if (before?.client !== client) return;
  known.value = { client, users: [...before.users.filter(({ user_id }) => user_id !== user.user_id), user] };
}

async function load(client: Client, stop: AbortSignal): Promise<void> {
  for (;;) {
    try {
      const { body } = await client.get('/v1/users?limit=1000', UserList, stop);
      known.value = { client, users: body.users };
      return;
    } catch (error) {
      if (!(error instanceof Failure) || !error.isPassing) throw error;
      await delay(error.retry_after_ms ?? RETRY_MS, stop);
    }
  }
}
