/** IAM policies: who holds which role, and one role more. */
import * as z from 'zod';
import type { Resource } from './declared.ts';
import type { Google } from './google.ts';

const Policy = z.object({
  bindings: z
    .array(z.object({ role: z.string(), members: z.array(z.string()).default([]), condition: z.unknown().optional() }))
    .default([]),
});

export interface Held {
  readonly role: string;
  readonly member: string;
  /** Null: held always. */
  readonly condition: unknown;
}

/** Every member of a policy with its role. */
export function membersOf(policy: Resource | null): readonly Held[] {
  return Policy.parse(policy ?? {}).bindings.flatMap(({ role, members, condition }) =>
    members.map((member) => ({ role, member, condition: condition ?? null })),
  );
}

/** Adds one binding to the policy of what `target` names, as gcloud does: read, change, and write unless it moved. */
export function grant(google: Google, target: readonly string[], member: string, role: string): Promise<string> {
  return google.gcloud([...target, `--member=${member}`, `--role=${role}`, '--condition=None', '--format=none']);
}
