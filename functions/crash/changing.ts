import type { AuditAction } from '@bas/core/model/audit';
import type { Answer } from '../test/support/client.ts';
import type { Stage } from './scene.ts';

/** How often something was changed since the request was prepared, and how often the audit log says so. */
export interface Effect {
  readonly changed: number;
  /** Null for what leaves no event. */
  readonly told: number | null;
}

/** One request, ready to be sent, and what to hold its answers against. */
export interface Asked {
  ask(): Promise<Answer>;
  /** What an answer shows, without what differs between tenants; null for requests that change something. */
  shown(answer: Answer): string | null;
  /** Null for requests that change nothing. */
  effect(): Promise<Effect | null>;
  /** What says that the effect is there. */
  readonly done: readonly number[];
  /** What may be answered when it is sent again and was done already. */
  readonly again: readonly number[];
  /** Sent again it is done, and told, again. */
  readonly repeats: boolean;
}

interface Changing {
  readonly ask: () => Promise<Answer>;
  /** Grows by one with each change. */
  readonly count: () => Promise<number>;
  readonly action: AuditAction;
  readonly done: number;
  readonly again?: number;
  readonly repeats?: boolean;
}

/** A request that changes something and tells of it in the same commit. */
export async function changing(
  { raw }: Stage,
  tenant_id: string,
  { ask, count, action, done, again, repeats = false }: Changing,
): Promise<Asked> {
  const events = async () => {
    const all = await raw.auditEvents(tenant_id);
    return all.filter((event) => event.action === action && event.outcome === 'success').length;
  };
  const before = { changed: await count(), told: await events() };
  return {
    ask,
    shown: () => null,
    effect: async () => ({ changed: (await count()) - before.changed, told: (await events()) - before.told }),
    done: [done],
    again: again === undefined ? [done] : [done, again],
    repeats,
  };
}
