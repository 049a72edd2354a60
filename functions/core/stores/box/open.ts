import type { Clock } from '../../clock.ts';
import type { Concern } from '../../model/flags.ts';
import type { Meter } from '../../observability/meter.ts';
import type { Backend, CredentialStore, Stores } from '../contracts.ts';
import type { Journal } from '../journal.ts';
import type { Mirror } from '../mirror.ts';
import { NewestPoints } from '../newest-points.ts';
import { boxAudit } from './audit.ts';
import { Outage, type OutageKind, type ReadWatch } from './outage.ts';
import { RoutedReads } from './routed.ts';
import { boxTelemetry } from './telemetry.ts';
import { boxUsers } from './users.ts';

/** Firestore as a box uses it while it moves. */
export interface CloudSide {
  /** Asked anew each time: what another process delivered must be seen at once. */
  readonly reads: Backend;
  /** What the box is once it is finalized. */
  readonly finalized: Backend;
  mirror(meter: Meter): Mirror;
}

export interface BoxParts {
  readonly clock: Clock;
  readonly sqlite: Backend;
  readonly journal: Journal;
  readonly cloud: CloudSide;
  readonly watch: ReadWatch;
  /** Called once for each outage of a concern's reads. */
  readonly tellOutage: (journal: Journal, concern: Concern, kind: OutageKind) => void;
}

/** Firestore alone, but for what only the file knows: whose session the end of the cutover ended. */
function afterTheEnd({ credentials }: Stores, finalized: Stores): Stores {
  const endedByMove: CredentialStore['endedByMove'] = (token, now_ms) => credentials.endedByMove(token, now_ms);
  return { ...finalized, credentials: { ...finalized.credentials, endedByMove } };
}

/** A box that moves: every change is committed to SQLite, and each concern is read where the flags say. */
export function boxBackend(parts: BoxParts): Backend {
  const { clock, sqlite, journal, cloud, watch, tellOutage } = parts;
  const routedTo = (concern: Concern): RoutedReads =>
    new RoutedReads(concern, new Outage(clock, (kind) => tellOutage(journal, concern, kind)), watch);
  const reads = { telemetry: routedTo('telemetry'), audit: routedTo('audit'), auth: routedTo('auth') };

  const memory = new NewestPoints<string>();

  const routed = (own: Stores, mirrored: Stores, meter: Meter): Stores => ({
    ...own,
    forTenant: (tenant_id) => {
      const [ours, theirs] = [own.forTenant(tenant_id), mirrored.forTenant(tenant_id)];
      const between = { tenant_id, journal };
      return {
        ...ours,
        telemetry: boxTelemetry({
          ...between,
          memory,
          sqlite: ours.telemetry,
          firestore: theirs.telemetry,
          reads: reads.telemetry,
          meter,
        }),
        audit: boxAudit({ ...between, sqlite: ours.audit, firestore: theirs.audit, reads: reads.audit }),
        users: boxUsers({ ...between, sqlite: ours.users, firestore: theirs.users, reads: reads.auth }),
      };
    },
  });

  return {
    name: 'sqlite',
    withMeter: (meter) => {
      const own = sqlite.withMeter(meter);
      if (journal.flags().finalized) return afterTheEnd(own, cloud.finalized.withMeter(meter));
      return routed(own, cloud.reads.withMeter(meter), meter);
    },
    close: async () => {
      await Promise.all([sqlite.close(), cloud.finalized.close()]);
    },
  };
}
