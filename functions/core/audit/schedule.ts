/** Sealing by the clock. */
import { Problem } from '../errors.ts';
import type { Seal } from '../model/seal.ts';
import { stackOf } from '../observability/log.ts';
import { Meter } from '../observability/meter.ts';
import type { Suite } from '../suite.ts';
import { sealedTenants, sealTenant } from './sealing.ts';

/** One scheduled run: safe to run twice and side by side. A tenant whose log cannot be sealed holds up no other. */
export async function sealAudit(suite: Suite, stopping?: AbortSignal, meter = new Meter()): Promise<string> {
  const home = await suite.home();
  const moving = await home.admit(meter).then(() => null, detailOf);
  if (moving !== null) return moving;
  const stores = home.backend.withMeter(meter);
  const [made, failed]: [Seal[], string[]] = [[], []];
  for (const tenant_id of await sealedTenants(stores)) {
    if (stopping?.aborted === true) break;
    try {
      for (const seal of await sealTenant(stores.forTenant(tenant_id).audit, tenant_id, suite.clock.now_ms())) {
        made.push(seal);
        tell(suite, tenant_id, seal);
      }
    } catch (error) {
      failed.push(tenant_id);
      suite.logger.log('ERROR', 'an audit log could not be sealed', { tenant_id, stack: stackOf(error) });
    }
  }
  if (failed.length > 0) throw new Error(`${failed.length} audit logs could not be sealed`);
  const events = made.reduce((sum, { manifest }) => sum + manifest.events.length, 0);
  return `${events} audit events sealed by ${made.length} seals`;
}

/** While a box moves here, it seals its own file. */
function detailOf(error: unknown): string {
  if (error instanceof Problem) return error.detail;
  throw error;
}

/** The log is kept elsewhere than the store: whoever rewrites the store cannot rewrite this too. */
function tell({ logger }: Suite, tenant_id: string, { manifest, digest }: Seal): void {
  logger.log('INFO', 'audit sealed', { tenant_id, seal: manifest.seal, digest, events: manifest.events.length });
}
