/** The audit logs of a home: read with progress, stopped by Ctrl-C. */
import { allStores, unknownTenant } from '@bas/core/admin/access';
import { sealedTenants } from '@bas/core/audit/sealing';
import { walkAll } from '@bas/core/audit/verification';
import { Problem, SetupError } from '@bas/core/errors';
import { streamLogger } from '@bas/core/serve/log';
import type { AuditLog, WalkedEvent } from '@bas/core/stores/contracts';
import { createSuite } from '@bas/core/suite';
import { dataFolder, existingHome } from './home.ts';
import { Progress } from './progress.ts';
import { stopSignal } from './stop-signal.ts';

export interface Logs {
  now_ms(): number;
  /** The one that is asked for, or all. */
  tenants(only: string | null): Promise<readonly string[]>;
  of(tenant_id: string): AuditLog;
  /** What is stored until `now_ms`, oldest first. */
  walk(tenant_id: string, now_ms: number): AsyncIterable<WalkedEvent>;
}

/** What is done sooner needs no progress. */
const QUIET_MS = 1_000;

/** The user asked to stop. */
export class Stopped extends Error {}

export async function onLogs<T>(data: string, work: (logs: Logs) => Promise<T>): Promise<T> {
  const suite = createSuite(existingHome(dataFolder(data)), { logger: streamLogger(process.stderr, 'ERROR') });
  const watch = new Watch();
  try {
    const stores = await allStores(suite);
    return await work({
      now_ms: () => suite.clock.now_ms(),
      tenants: async (only) => {
        const all = await sealedTenants(stores);
        if (only !== null && !all.includes(only)) throw unknownTenant(only);
        return only === null ? all : [only];
      },
      of: (tenant_id) => stores.forTenant(tenant_id).audit,
      walk: (tenant_id, now_ms) => watch.over(walkAll(stores.forTenant(tenant_id).audit, now_ms)),
    });
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'store_unavailable') throw error;
    throw new SetupError('The store did not answer: try again.', { cause: error });
  } finally {
    watch.end();
    await suite.close();
  }
}

class Watch {
  readonly #bar = new Progress(null, 0, { unit: 'events', paced: true });
  readonly #stopping = stopSignal();
  readonly #started_ms = performance.now();
  #read = 0;

  async *over(events: AsyncIterable<WalkedEvent>): AsyncGenerator<WalkedEvent> {
    for await (const event of events) {
      if (this.#stopping.aborted) throw new Stopped();
      this.#read += 1;
      if (performance.now() - this.#started_ms > QUIET_MS) this.#bar.show(this.#read);
      yield event;
    }
  }

  end(): void {
    this.#bar.end();
  }
}
