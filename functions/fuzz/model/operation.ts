/** What is made up: plain values that mean something in any state, so that a failing list of them can be cut down. */
import fc from 'fast-check';

export const KINDS = [
  'post',
  'flood',
  'recent',
  'window',
  'latest',
  'shown',
  'look',
  'devices',
  'device',
  'register',
  'patch_device',
  'issue_key',
  'revoke_key',
  'move_device',
  'users',
  'create_user',
  'patch_user',
  'session',
  'sessions',
  'revoke_session',
  'logout',
  'login',
  'audit',
  'usage',
  'cutover',
  'deliver',
] as const;
export type Kind = (typeof KINDS)[number];

/** How a credential or a tenant header is spoilt, if it is. */
export const CREDENTIALS = ['right', 'none', 'forged', 'stored', 'swapped'] as const;
export const HEADERS = ['own', 'other', 'nobody', 'missing', 'spelt'] as const;
export const CURSORS = ['none', 'given', 'foreign', 'forged', 'changed', 'moved'] as const;

export interface Operation {
  readonly kind: Kind;
  /** Which session or key. */
  readonly who: number;
  readonly by_key: boolean;
  readonly credential: (typeof CREDENTIALS)[number];
  readonly header: (typeof HEADERS)[number];
  readonly cursor: (typeof CURSORS)[number];
  /** Whatever else there is to choose. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Time that passes before it. */
  readonly pause_s: number;
}

/** Writing and looking come oftenest; what ends things comes seldom, or there would soon be nothing left. */
const WEIGHTS: Partial<Record<Kind, number>> = {
  post: 14,
  recent: 8,
  window: 8,
  latest: 4,
  look: 3,
  device: 3,
  register: 3,
  patch_device: 3,
  move_device: 3,
  devices: 3,
  users: 3,
  sessions: 3,
  shown: 3,
};
const RARE: ReadonlySet<Kind> = new Set(['flood', 'logout', 'patch_user', 'revoke_session', 'deliver', 'audit']);

const kind: fc.Arbitrary<Kind> = fc.oneof(
  ...KINDS.map((name) => ({
    weight: 2 * (RARE.has(name) ? 0.5 : (WEIGHTS[name] ?? 1.5)),
    arbitrary: fc.constant(name),
  })),
);

const mostly = <T extends string>([usual, ...others]: readonly [T, ...T[]], weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(usual, ...others) });

const number = fc.nat(9_999);

const operation: fc.Arbitrary<Operation> = fc.record({
  kind,
  who: number,
  by_key: fc.boolean(),
  credential: mostly(CREDENTIALS, 8),
  header: mostly(HEADERS, 8),
  cursor: mostly(CURSORS, 1),
  a: number,
  b: number,
  c: number,
  pause_s: fc.oneof(
    { weight: 60, arbitrary: fc.integer({ min: 4, max: 20 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60, max: 1_200 }) },
  ),
});

export function operations(maxLength: number): fc.Arbitrary<readonly Operation[]> {
  return fc.array(operation, { minLength: 1, maxLength, size: 'max' });
}
