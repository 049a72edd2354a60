/** Sessions in the model: how they begin and end, and what their owners are told. */
import { HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { sha256 } from '@bas/core/ids';
import { idFor } from './choice.ts';
import { NOT_FOUND, refused, type Access, type Call, type Expected } from './expected.ts';
import { isExpired, type Sender } from './guard.ts';
import type { Operation } from './operation.ts';
import { pick, type Model, type ModelSession, type ModelUser } from './state.ts';
import { PASSWORD, userAnswer } from './user-calls.ts';

const MAX_SESSIONS = 10;

/** Signs in with what the browser still has in its cookie: that session ends, whoever's it is. */
export function login(model: Model, sender: Sender, { a, b }: Operation): { call: Call; expected: Expected } {
  const user = pick(model.users, a);
  const json = { username: user.username, password: b % 4 === 0 ? `${PASSWORD}?` : PASSWORD };
  const call: Call = { method: 'POST', path: '/v1/login', json, permission: 'account.own', answer: () => NOT_FOUND };
  return { call, expected: signedIn(model, sender, json) };
}

function signedIn(model: Model, { tenant, access }: Sender, json: { username: string; password: string }): Expected {
  if (tenant === undefined) return refused(403, 'tenant_mismatch');
  const user = model.usersOf(tenant).find(({ username }) => username === json.username);
  if (user === undefined || user.disabled || json.password !== PASSWORD) return refused(401, 'invalid_credentials');
  if (access?.kind === 'session' && !isExpired(access, model.now_ms)) access.ended = true;
  const { tenant_id, user_id, role } = user;
  const times = { created_ms: model.now_ms, last_seen_ms: model.now_ms };
  const body = sessionAnswer(user, times);
  return {
    status: 200,
    body: () => body,
    learn: async (answer) => {
      const token = /^__session=([^;]+)/.exec(answer.headers['set-cookie']?.[0] ?? '')?.[1] ?? '';
      const session_id = await model.sessionIdOf(token);
      model.sessions.push({ kind: 'session', tenant_id, user_id, role, token, session_id, ...times, ended: false });
      endOldest(model, user_id);
    },
  };
}

function endOldest(model: Model, user_id: string): void {
  const live = model.sessions.filter((one) => one.user_id === user_id && !one.ended);
  const newest = live.toSorted((a, b) => b.created_ms - a.created_ms || (sha256(a.token) < sha256(b.token) ? -1 : 1));
  for (const session of newest.slice(MAX_SESSIONS)) session.ended = true;
}

type Times = Pick<ModelSession, 'created_ms' | 'last_seen_ms'>;

function expiries({ created_ms, last_seen_ms }: Times) {
  const expires_ms = created_ms + 12 * HOUR_MS;
  return { idle_expires_ms: Math.min(last_seen_ms + 30 * MINUTE_MS, expires_ms), expires_ms };
}

function sessionAnswer(user: ModelUser, times: Times) {
  return { user: userAnswer(user), tenant_id: user.tenant_id, created_ms: times.created_ms, ...expiries(times) };
}

export function session(model: Model): Call {
  return {
    method: 'GET',
    path: '/v1/session',
    permission: 'account.own',
    answer: (access) => {
      const user = access.kind === 'session' ? model.user(access.tenant_id, access.user_id) : undefined;
      if (user === undefined || access.kind !== 'session') return refused(401, 'unauthenticated');
      const body = sessionAnswer(user, access);
      return { status: 200, body: () => body };
    },
  };
}

export function sessions(model: Model): Call {
  return {
    method: 'GET',
    path: '/v1/account/sessions?limit=20',
    permission: 'account.own',
    answer: (access) => {
      const shown = ownSessions(model, access).map((one) => {
        const { session_id, created_ms, last_seen_ms } = one;
        return { session_id, created_ms, last_seen_ms, ...expiries(one), current: one === access };
      });
      return { status: 200, body: () => ({ sessions: shown, next_cursor: null }) };
    },
  };
}

function ownSessions(model: Model, access: Access): readonly ModelSession[] {
  const live = stored(model, access).filter((one) => !isExpired(one, model.now_ms));
  return live.sort((a, b) => b.created_ms - a.created_ms || (a.session_id < b.session_id ? -1 : 1));
}

/** Those that have expired are there until a sweep. */
function stored(model: Model, access: Access): ModelSession[] {
  if (access.kind !== 'session') return [];
  return model.sessions.filter((one) => one.user_id === access.user_id && !one.ended);
}

export function revokeSession(model: Model, { of }: Sender, { a, b }: Operation): Call {
  const own = of.kind === 'session' && b % 2 === 0 ? model.sessions.filter((one) => one.user_id === of.user_id) : [];
  const session_id = own.length > 0 ? pick(own, a).session_id : idFor(model.sessions, of, a, (one) => one.session_id);
  return {
    method: 'DELETE',
    path: `/v1/account/sessions/${session_id}`,
    permission: 'account.own',
    answer: (access) => {
      const found = stored(model, access).find((one) => one.session_id === session_id);
      if (found === undefined) return NOT_FOUND;
      found.ended = true;
      return { status: 204 };
    },
  };
}

export function logout(): Call {
  return {
    method: 'POST',
    path: '/v1/logout',
    permission: 'account.own',
    answer: (access) => {
      if (access.kind === 'session') access.ended = true;
      return { status: 204 };
    },
  };
}
