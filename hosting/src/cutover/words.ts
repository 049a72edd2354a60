/** What moves mean, and the server's words for a page: it names options of the command line, which has its own. */
import { TRIGGER_RULES } from '@bas/core/cutover/triggers';
import { Failure } from '../api/failure.ts';
import type { Concern, Move } from './standing.ts';

const ON_THE_PAGE: readonly (readonly [RegExp, string])[] = [
  [/:? ?npm run cutover -- compare names the others\.?/, ' The others are listed below.'],
  [/:? ?npm run cutover -- compare names them\.?/, ': they are listed below.'],
  [/: npm run cutover -- compare\.?/, ': press “Compare now”.'],
  [/say --emulator/, 'tick “This is an emulator” under Options'],
  [/waive them in words with --waive-older/, 'waive them in words under Options'],
  [/ \(--min-green\)/, ' (change that under Options)'],
];

export function onThePage(reason: string): string {
  return ON_THE_PAGE.reduce((text, [command, words]) => text.replace(command, words), reason);
}

/** A refused move in the same words; any other failure as it is. */
export function refusalOnThePage(error: unknown): unknown {
  if (!(error instanceof Failure) || error.reasons.length === 0) return error;
  const { code, message, retry_after_ms, request_id, reasons } = error;
  return new Failure(code, message, retry_after_ms, request_id, reasons.map(onThePage));
}

export function meaningOf({ target, to }: Move): string {
  if (target === 'telemetry') {
    return to === 'dual'
      ? 'What is stored is delivered to Firestore as well. People go on reading from SQLite: nothing is to be seen.'
      : 'People read measurements from Firestore. SQLite stays complete, and answers when Firestore does not.';
  }
  return {
    audit: 'The audit log is read from Firestore. SQLite stays complete.',
    auth: 'People are read from Firestore. For a moment nobody can be changed, then every session ends, yours too: everybody signs in again.',
    finalize:
      'For a moment nothing is stored, and devices are told to send again. What Firestore lacks is delivered, and devices and people are compared one by one. Then SQLite is closed for good.',
  }[target];
}

export const BACK: Readonly<Record<Concern, string>> = {
  telemetry:
    'People read measurements from SQLite at once, and delivering stops. Nothing is lost. The proof is forgotten: the way forward begins with a comparison.',
  audit: 'The audit log is read from SQLite at once. Nothing is lost.',
  auth: 'People are read from SQLite at once, and every session ends, yours too. A password changed or a user disabled meanwhile stays so.',
};

/** What rolls back by itself, and at which figures. */
export const TRIGGERS: readonly { readonly name: string; readonly limit: string; readonly back: string }[] = [
  {
    name: 'Tenant leak',
    limit: 'one document of another tenant',
    back: 'everything to SQLite',
  },
  {
    name: 'Index unusable',
    limit: `queries without an index in ${TRIGGER_RULES.index_minutes} minutes running`,
    back: 'that concern to SQLite',
  },
  {
    name: 'Errors',
    limit: `more than ${TRIGGER_RULES.error_share * 100} % of at least ${TRIGGER_RULES.min_operations} operations in ${TRIGGER_RULES.window_minutes} minutes`,
    back: 'that concern to SQLite',
  },
  {
    name: 'Read budget',
    limit: `more than ${TRIGGER_RULES.reads_per_minute_and_dashboard} documents a minute and dashboard, over ${TRIGGER_RULES.window_minutes} minutes`,
    back: 'telemetry to SQLite',
  },
  {
    name: 'Service level',
    limit: `last 100 points over P50 ${TRIGGER_RULES.p50_ms} ms or P95 ${TRIGGER_RULES.p95_ms} ms in each of ${TRIGGER_RULES.slo_minutes} minutes`,
    back: 'telemetry reads to SQLite, delivering goes on',
  },
];
