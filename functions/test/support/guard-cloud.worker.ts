/**
 * The guard of a home on Firestore alone, once: `<project> <host:port of Cloud Monitoring>`, or without the latter as it
 * is scheduled. A process of its own, because credentials and trust come from its environment.
 */
import { guardCloud } from '@bas/core/cutover/guard-cloud';
import { guardCutover } from '@bas/core/cutover/schedules';
import { openMonitoring } from '@bas/core/observability/cloud-monitoring';
import type { Logger } from '@bas/core/observability/log';
import { createSuite } from '@bas/core/suite';

/** What this process tells of the run. */
export interface GuardTold {
  readonly result: unknown;
  readonly lines: readonly { readonly severity: string; readonly message: string }[];
}

const [project_id = '', endpoint] = process.argv.slice(2);
const lines: { severity: string; message: string }[] = [];
const logger: Logger = { log: (severity, message) => void lines.push({ severity, message }) };
const suite = createSuite(
  {
    home: { kind: 'firestore', project_id, emulator_host: undefined },
    tenant_header: 'X-BAS-Tenant',
    allowed_origins: [],
    trusted_proxy_hops: 0,
    read_cache: 'all',
    build: 'test',
  },
  { logger },
);
const result =
  endpoint === undefined
    ? await guardCutover(suite)
    : await guardCloud(suite, () => openMonitoring({ project_id, endpoint, limit_ms: 5_000 }));
process.stdout.write(JSON.stringify({ result, lines } satisfies GuardTold), () => process.exit(0));
