import type { Logger } from '../observability/log.ts';
import { stackOf } from '../observability/log.ts';
import { MINUTE_MS } from '../clock.ts';
import { CONCERNS, seededFlags, type Concern, type Seeds } from '../model/flags.ts';
import type { Dependencies } from '../resilience/dependencies.ts';
import type { OutageKind, ReadWatch } from '../stores/box/outage.ts';
import type { Journal } from '../stores/journal.ts';
import type { HomeParts } from '../stores/open.ts';
import { BY_ITSELF, cutoverEvent, type EventParts } from './events.ts';

interface Parts extends EventParts {
  readonly logger: Logger;
  readonly dependencies: Dependencies;
  readonly watch: ReadWatch;
}

/** Of several processes that see one outage, one tells of it; the next outage is told again. */
const TOLD_FOR_MS = MINUTE_MS;

/** What a moving box does besides answering: it tells of outages and writes down what its environment seeded. */
export function homeParts(parts: Parts): HomeParts {
  return {
    clock: parts.clock,
    dependencies: parts.dependencies,
    watch: parts.watch,
    plantSeeds: (journal, seeds) => plantSeeds(parts, journal, seeds),
    tellOutage: (journal, concern, kind) => {
      parts.logger.log('WARNING', `${concern}: ${WORDS[kind]}; reads come from SQLite`, { concern });
      // `AccessEvents` tells of it, for whatever is refused.
      if (kind === 'access_refused') return;
      tellOnce(parts, journal, concern, kind).catch((error: unknown) => {
        parts.logger.log('ERROR', 'an outage could not be audited', { stack: stackOf(error) });
      });
    },
  };
}

const WORDS: Readonly<Record<OutageKind, string>> = {
  index_not_ready: 'an index of Firestore is missing or still being built',
  access_refused: 'Firestore refuses the account that this runs as',
  unavailable: 'Firestore does not answer',
};

async function tellOnce(parts: Parts, journal: Journal, concern: Concern, kind: OutageKind): Promise<void> {
  const { clock, ids } = parts;
  if (!(await journal.lease(`tell ${concern} ${kind}`, ids.uuid(), clock.now_ms(), TOLD_FOR_MS))) return;
  const facts = { outcome: 'failure', target: concern, detail: `${WORDS[kind]}; reads come from SQLite` } as const;
  const audit = cutoverEvent(parts, BY_ITSELF, 'gate.change', facts);
  await journal.move(() => ({ flags: null, audit }));
}

async function plantSeeds(parts: Parts, journal: Journal, seeds: Seeds): Promise<void> {
  const seeded = CONCERNS.filter((concern) => seeds[concern]).join(', ');
  const detail = `${seeded}: moved from the start, as USE_FIRESTORE_* says`;
  const told = (outcome: 'success' | 'refused', words: string) =>
    cutoverEvent(parts, BY_ITSELF, 'cutover.advance', { outcome, target: seeded, detail: words });
  const flags = seededFlags(seeds, parts.clock.now_ms());
  await journal.move(() =>
    journal.isSet()
      ? { flags: null, audit: told('refused', 'another process has written the flags already') }
      : { flags, audit: told('success', detail), mark_all: true },
  );
}
