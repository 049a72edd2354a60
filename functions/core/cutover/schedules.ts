/** What a moving box does by the clock. A home that is no box has nothing of it to do, and says so in one line. */
import { MINUTE_MS } from '../clock.ts';
import { blockersOf, describe, type GateReport } from '../gate/report.ts';
import type { Suite } from '../suite.ts';
import { BY_ITSELF, cutoverEvent } from './events.ts';
import { guardCloud } from './guard-cloud.ts';
import { guard } from './guard.ts';
import { boxParts, type BoxParts } from './parts.ts';
import { proveFor } from './proving.ts';
import { reasonsOf } from './refused.ts';
import type { FiredTrigger } from './triggers.ts';

/** Below the interval, so that runs of several processes do not queue up. */
const COMPARING_MS = 4 * MINUTE_MS;
/** The process that guards keeps guarding; another takes over when it is gone. */
const GUARDING_MS = 2.5 * MINUTE_MS;

const NO_BOX = 'nothing to do: no box is moving here';

/** Asks the index gate when it is due; a changed answer is audited. */
export async function checkIndexReadiness(suite: Suite): Promise<string> {
  const parts = await movable(suite);
  if (parts === null || !(await asksForIndexes(parts))) return NO_BOX;
  const check = await parts.gate.checkIfDue();
  if (check === null) return 'the index gate was asked not long ago';
  const { report, before, changed } = check;
  if (changed) await tellChange(parts, report, before);
  return `the index gate is ${report.state}`;
}

/** A box that has a project and no wish to move may have no credentials either: nobody is asked until somebody wanted to. */
async function asksForIndexes({ journal, gate }: BoxParts): Promise<boolean> {
  return journal.isSet() || (await gate.remembered()) !== null;
}

async function tellChange({ clock, ids, journal }: BoxParts, report: GateReport, before: string | null): Promise<void> {
  const move = { concern: 'telemetry', need: 'ready', emulator: false } as const;
  const words = blockersOf(report, move).map((finding) => describe(finding, clock.now_ms()));
  const detail = [`from ${before ?? 'not_asked'} to ${report.state}`, ...words].join('; ');
  const facts = { outcome: 'success', target: 'indexes', detail } as const;
  const audit = cutoverEvent({ clock, ids }, BY_ITSELF, 'gate.change', facts);
  await journal.move(() => ({ flags: null, audit }));
}

/** Compares both stores for a bounded time while telemetry is delivered. */
export async function compareStores(suite: Suite, stopping?: AbortSignal): Promise<string> {
  const parts = await movable(suite);
  if (parts === null || parts.journal.flags().telemetry === 'sqlite') return NO_BOX;
  try {
    const { comparison, proof } = await proveFor(parts, COMPARING_MS, { stopping });
    const buckets = comparison.days.reduce((sum, day) => sum + day.buckets, 0);
    return `${buckets} buckets compared with ${comparison.reads} reads; ${proof.differing} differ`;
  } catch (error) {
    const reasons = reasonsOf(error);
    if (reasons === null) throw error;
    return reasons.join(' ');
  }
}

/** Rolls back by itself what must not stay where it is; in a home on Firestore alone, a finalized box too, it alerts. */
export async function guardCutover(suite: Suite): Promise<string> {
  const { box } = await suite.home();
  if (box === null) return alertsInCloud(suite);
  if (box.journal.flags().finalized) return told(suite.watch.alarm());
  const parts = await movable(suite);
  if (parts === null) return NO_BOX;
  const { journal, clock } = parts;
  await suite.watch.keep(journal);
  if (!(await journal.lease('guard', suite.watch.process, clock.now_ms(), GUARDING_MS))) {
    return 'another process of this box is on guard';
  }
  const turned = await guard(parts);
  if (turned.length === 0) return 'nothing to roll back';
  return `rolled back: ${turned.map(({ concern, fired }) => `${concern} (${fired.trigger})`).join(', ')}`;
}

/** Where the functions run, every instance counts for itself and Cloud Monitoring for all. An emulator has none. */
async function alertsInCloud(suite: Suite): Promise<string> {
  const { home } = suite.config;
  if (home.kind !== 'firestore' || home.emulator_host !== undefined) return told(suite.watch.alarm());
  const { fired, unread } = await guardCloud(suite, async () => {
    const { openMonitoring } = await import('../observability/cloud-monitoring.ts');
    return openMonitoring(home);
  });
  return unread === null ? told(fired) : `${told(fired)}; only this instance was judged`;
}

function told(fired: readonly FiredTrigger[]): string {
  return fired.length === 0 ? NO_BOX : `to be looked at: ${fired.map(({ trigger }) => trigger).join(', ')}`;
}

/** Null where there is no box, nowhere for it to go, or nothing left to go. */
async function movable(suite: Suite): Promise<BoxParts | null> {
  const { box } = await suite.home();
  if (box === null || box.cloud === null || box.journal.flags().finalized) return null;
  return boxParts(suite);
}
