/** Who is signed in, until when, and why no longer. */
import { computed, signal } from '@preact/signals';
import { mayUse, type Permission } from '@bas/core/model/role';
import { Session } from './api/answers.ts';
import { Client } from './api/client.ts';
import { Failure } from './api/failure.ts';
import { now_ms } from './lib/clock.ts';
import { keep, recall } from './lib/storage.ts';
import { go } from './router.ts';

/** Why the sign-in form is shown. */
export type SignedOut = 'fresh' | 'left' | 'ended' | 'reauthenticate' | 'other_tenant';

export type SignIn =
  | { readonly kind: 'asking' }
  | { readonly kind: 'unreachable'; readonly failure: Failure }
  | { readonly kind: 'signed_out'; readonly why: SignedOut }
  | { readonly kind: 'signed_in'; readonly session: Session; readonly client: Client };

export const signIn = signal<SignIn>({ kind: 'asking' });

/** When the server was last heard to count this session as in use, and for how long that lasts. */
const used = signal({ at_ms: 0, idle_ms: Infinity });

export interface Expiry {
  readonly at_ms: number;
  /** Whether using the page puts it off. */
  readonly is_idle: boolean;
}

export const expiry = computed((): Expiry | null => {
  const state = signIn.value;
  if (state.kind !== 'signed_in') return null;
  const idle_ms = used.value.at_ms + used.value.idle_ms;
  const { expires_ms } = state.session;
  return idle_ms < expires_ms ? { at_ms: idle_ms, is_idle: true } : { at_ms: expires_ms, is_idle: false };
});

const TENANT = 'bas.tenant';

/** A tab keeps its own tenant; a new one begins with the last. */
export function lastTenant(): string | null {
  return recall(TENANT);
}

/** Looks whether the browser's cookie still opens a session. */
export async function resume(): Promise<void> {
  const tenant_id = lastTenant();
  if (tenant_id === null) {
    signIn.value = { kind: 'signed_out', why: 'fresh' };
    return;
  }
  if (signIn.peek().kind !== 'unreachable') signIn.value = { kind: 'asking' };
  try {
    await enter(clientOf(tenant_id));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.isPassing) signIn.value = { kind: 'unreachable', failure: error };
    else if (signIn.peek().kind !== 'signed_out') signIn.value = { kind: 'signed_out', why: 'fresh' };
  }
}

/** Throws a `Failure` when the server says no. */
export async function signInWith(tenant_id: string, username: string, password: string): Promise<void> {
  const body = { username, password };
  const session = await new Client(tenant_id, null).send('/v1/login', Session, { method: 'POST', body });
  keep(TENANT, tenant_id);
  accept(session, clientOf(tenant_id));
}

export async function signOut(client: Client): Promise<void> {
  await client.tell('/v1/logout', { method: 'POST' });
  leave(client, 'left');
}

/** Tells the server that somebody is here, and learns anew when the session ends. */
export async function enter(client: Client): Promise<void> {
  accept((await client.get('/v1/session', Session)).body, client);
}

export function may(permission: Permission): boolean {
  const state = signIn.value;
  return state.kind === 'signed_in' && mayUse(state.session.user.role, permission);
}

/** Its answers count as use of the session; some of its failures end it. */
function clientOf(tenant_id: string): Client {
  const client = new Client(tenant_id, {
    answered: () => (used.value = { ...used.value, at_ms: now_ms() }),
    failed: ({ code }) => {
      if (code === 'unauthenticated') leave(client, signIn.peek().kind === 'signed_in' ? 'ended' : 'fresh');
      if (code === 'reauthentication_required') leave(client, 'reauthenticate');
      if (code === 'tenant_mismatch') leave(client, 'other_tenant');
    },
  });
  return client;
}

/** Takes a session as the server has just told it. */
export function accept(session: Session, client: Client): void {
  used.value = { at_ms: now_ms(), idle_ms: session.idle_expires_ms - now_ms() };
  signIn.value = { kind: 'signed_in', session, client };
}

/** After this nothing that was asked in the session is heard any more. */
function leave(client: Client, why: SignedOut): void {
  client.close();
  // Whoever comes next is not led to where the last one was; who was sent away goes on there.
  if (why === 'left' || why === 'other_tenant') go('#/');
  signIn.value = { kind: 'signed_out', why };
}
