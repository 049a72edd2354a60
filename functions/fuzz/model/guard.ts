/** The contract's checks before any work: header, credential, tenant, role. */
import { HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { sha256 } from '@bas/core/ids';
import { refused, type Access, type Call, type Expected } from './expected.ts';
import type { Operation } from './operation.ts';
import { mayDo } from './rights.ts';
import { pick, type Model, type ModelSession } from './state.ts';

const IDLE_MS = 30 * MINUTE_MS;
const ABSOLUTE_MS = 12 * HOUR_MS;
const TOUCH_MS = MINUTE_MS;

/** Whoever an operation is done as, and what is sent in their name. */
export interface Sender {
  /** Null when what is sent proves nothing. */
  readonly access: Access | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The tenant header; undefined when none is sent. */
  readonly tenant: string | undefined;
  /** Whose credential it was made from. */
  readonly of: Access;
}

export const USER_AGENT = 'Mozilla/5.0 Firefox/140.0';

export function senderOf(model: Model, operation: Operation, of = holderOf(model, operation)): Sender {
  const { who, credential, header } = operation;
  const tenant = tenantHeader(model, of.tenant_id, header, who);
  const named = tenant === undefined ? {} : { 'x-bas-tenant': tenant };
  const headers = { 'user-agent': USER_AGENT, ...named, ...credentialOf(of, credential) };
  return { access: credential === 'right' ? of : null, headers, tenant, of };
}

const WRITING: ReadonlySet<Operation['kind']> = new Set(['post', 'flood']);

/** Mostly somebody who still may: what is over must not be all that is left. */
function holderOf(model: Model, { kind, who, by_key }: Operation): Access {
  const of_key = by_key && (WRITING.has(kind) || who % 8 === 0);
  const all: readonly Access[] = of_key && model.keys.length > 0 ? model.keys : model.sessions;
  const live = all.filter((one) => proves(model, one, true));
  return pick(who % 5 > 0 && live.length > 0 ? live : all, who);
}

function tenantHeader(model: Model, own: string, header: Operation['header'], who: number): string | undefined {
  switch (header) {
    case 'own':
      return own;
    case 'other':
      return pick(
        model.tenants.filter(({ tenant_id }) => tenant_id !== own),
        who,
      ).tenant_id;
    case 'nobody':
      return 'no-such-tenant';
    case 'spelt':
      return own.toUpperCase();
    case 'missing':
      return undefined;
  }
}

function credentialOf(of: Access, how: Operation['credential']): Readonly<Record<string, string>> {
  const right = of.kind === 'key' ? of.text : of.token;
  const send = (text: string): Readonly<Record<string, string>> =>
    of.kind === 'key' ? { authorization: `Bearer ${text}` } : { cookie: `__session=${text}` };
  switch (how) {
    case 'right':
      return send(right);
    case 'none':
      return {};
    case 'forged':
      return send(`${right.slice(0, -8)}${right.slice(-8).replaceAll(/./g, 'x')}`);
    case 'stored':
      return send(of.kind === 'key' ? `bas_${of.key_id}_${sha256(right).slice(0, 43)}` : sha256(right).slice(0, 43));
    case 'swapped':
      return of.kind === 'key' ? { cookie: `__session=${right}` } : { authorization: `Bearer ${right}` };
  }
}

export function isExpired({ created_ms, last_seen_ms }: ModelSession, now_ms: number): boolean {
  return now_ms >= Math.min(last_seen_ms + IDLE_MS, created_ms + ABSOLUTE_MS);
}

/** What `call` must be answered. */
export function answerTo(model: Model, { access, tenant }: Sender, call: Call): Expected {
  if (tenant === undefined) return refused(403, 'tenant_mismatch');
  const writes = call.permission === 'telemetry.write';
  if (access === null || !proves(model, access, writes)) return refused(401, 'unauthenticated');
  if (access.tenant_id !== tenant) return refused(403, 'tenant_mismatch');
  if (access.kind === 'session') {
    if (model.now_ms - access.last_seen_ms >= TOUCH_MS) access.last_seen_ms = model.now_ms;
    if (!mayDo(access.role, call.permission)) return refused(403, 'role_required');
  }
  return call.answer(access);
}

function proves(model: Model, access: Access, writes: boolean): boolean {
  if (access.kind === 'key') return writes && !access.revoked;
  return !access.ended && !isExpired(access, model.now_ms);
}
