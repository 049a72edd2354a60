/** The contract suite, by concern. Every backend runs all of it. */
import { audit } from './audit.ts';
import { writeBudget } from './budget.ts';
import { devices } from './devices.ts';
import type { OpenHarness } from './harness.ts';
import { isolation } from './isolation.ts';
import { sessions } from './sessions.ts';
import { StoreUnderTest } from './store-under-test.ts';
import { sweeps } from './sweeps.ts';
import { telemetryRaces } from './telemetry-races.ts';
import { telemetryReads } from './telemetry-reads.ts';
import { telemetryWrites } from './telemetry-writes.ts';
import { tenants } from './tenants.ts';
import { throttle } from './throttle.ts';
import { usage } from './usage.ts';
import { users } from './users.ts';

const CONCERNS = {
  'telemetry writes': telemetryWrites,
  'telemetry races': telemetryRaces,
  'telemetry reads': telemetryReads,
  'write budget': writeBudget,
  audit,
  devices,
  users,
  sessions,
  tenants,
  throttle,
  sweeps,
  usage,
  isolation,
} as const satisfies Record<string, (store: StoreUnderTest) => void>;

export type Concern = keyof typeof CONCERNS;

/** These run on every backend from files of their own, so that each concern runs once in a whole test run. */
export const TELEMETRY_CONCERNS: readonly Concern[] = [
  'telemetry writes',
  'telemetry races',
  'telemetry reads',
  'write budget',
];
export const AUDIT_CONCERNS: readonly Concern[] = ['audit'];

const OTHER_CONCERNS: readonly Concern[] = [
  'devices',
  'users',
  'sessions',
  'tenants',
  'throttle',
  'sweeps',
  'usage',
  'isolation',
];

/** What a backend's own contract test runs: all but the concerns above. */
export function storeContract(open: OpenHarness): void {
  storeConcerns(open, OTHER_CONCERNS);
}

export function storeConcerns(open: OpenHarness, concerns: readonly Concern[]): void {
  for (const concern of concerns) {
    describe(concern, () => {
      CONCERNS[concern](new StoreUnderTest(open));
    });
  }
}
