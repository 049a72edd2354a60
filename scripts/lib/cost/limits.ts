/** Where one database, and what stands before it, ends. */
import { REQUIRED } from '@bas/core/gate/required';
import type { Month } from './model.ts';

export interface Limit {
  readonly name: string;
  /** One line: what there is a bound on, and what to do. */
  readonly what: string;
  readonly per_s: number;
  readonly bound_per_s: number;
  /** As many devices, with all else in proportion, reach it. */
  readonly at_devices: number;
  readonly source: string;
}

const BEST_PRACTICES = 'https://firebase.google.com/docs/firestore/best-practices';
/** A new collection takes so many writes a second, and half as many again every five minutes. */
const RAMP_PER_S = 500;
/** So many writes a second of one collection may have an indexed value that grows with time. */
const SEQUENTIAL_PER_S = 500;
/**
 * No such limit is listed any more; it was, until about 2021, and nothing published says what a database takes instead. A
 * figure to plan by: test the load before going beyond.
 */
const DATABASE_PER_S = 10_000;
/** https://cloud.google.com/functions/docs/configuring/max-instances: unless a function says otherwise. */
const MAX_INSTANCES = 100;

/** The nearest first. */
export function limitsOf(month: Month): readonly Limit[] {
  const limits = [...throughput(month), ...sequentialFields(month)];
  return limits.filter(({ per_s }) => per_s > 0).sort((a, b) => a.at_devices - b.at_devices);
}

export function passed(month: Month): readonly Limit[] {
  return limitsOf(month).filter(({ at_devices }) => month.assumptions.devices > at_devices);
}

/** Minutes until a fleet that is switched on bit by bit may be on, by the 500/50/5 rule. */
export function rampMinutes(writes_per_s: number): number {
  return writes_per_s <= RAMP_PER_S ? 0 : 5 * Math.ceil(Math.log(writes_per_s / RAMP_PER_S) / Math.log(1.5));
}

export function bucketWritesPerS({ traffic: { posts_per_s, points_per_post, bucket } }: Month): number {
  return posts_per_s * (1 + (points_per_post - 1) / bucket.points);
}

function throughput(month: Month): readonly Limit[] {
  const { requests_per_instance } = month.assumptions;
  const of = limitIn(month);
  const writes_per_s = bucketWritesPerS(month);
  const ramp_minutes = rampMinutes(writes_per_s);
  const ramp = ramp_minutes === 0 ? 'a fleet may start at once' : `start the fleet over ${ramp_minutes} minutes`;
  const instances = 'else set maxInstances of ingestTelemetry, or send more points together';
  return [
    of('ramp', ramp, writes_per_s, RAMP_PER_S, BEST_PRACTICES),
    of(
      'instances',
      instances,
      month.traffic.posts_per_s,
      MAX_INSTANCES * requests_per_instance,
      'default of the platform',
    ),
    of(
      'database',
      'beyond it test the load, or send more points together',
      writes_per_s,
      DATABASE_PER_S,
      'listed until 2021',
    ),
  ];
}

/** Only where the value is indexed: `firestore.indexes.json` exempts what no query needs. */
function sequentialFields(month: Month): readonly Limit[] {
  const { devices, dashboards, audit_events, sign_ins } = month.assumptions;
  const { points_per_s, bucket, tenants } = month.traffic;
  const of = limitIn(month);
  const audited_per_s = (audit_events * tenants + sign_ins * dashboards) / 86_400;
  const fields: readonly (readonly [collection: string, field: string, per_s: number, when: string])[] = [
    ['telemetry', 'timestamp_ms', points_per_s / bucket.points, 'written once a bucket'],
    ['audit_log', 'timestamp_ms', audited_per_s, 'written once an event'],
    ['sessions', 'last_seen_ms', dashboards / 60, 'written once a minute and session'],
    ['devices', 'last_seen_ms', devices / 3_600, 'written once an hour and device'],
  ];
  return fields
    .filter(([collection, field]) => isIndexed(collection, field))
    .map(([collection, field, per_s, when]) =>
      of(`${collection}.${field}`, `${when}, indexed`, per_s, SEQUENTIAL_PER_S, BEST_PRACTICES),
    );
}

function isIndexed(collection: string, path: string): boolean {
  const settings = REQUIRED.fields.find((field) => field.collection === collection && field.path === path);
  return settings === undefined || settings.indexes.length > 0;
}

function limitIn({ assumptions: { devices } }: Month) {
  return (name: string, what: string, per_s: number, bound_per_s: number, source: string): Limit => ({
    name,
    what,
    per_s,
    bound_per_s,
    at_devices: per_s === 0 ? Infinity : Math.floor((devices * bound_per_s) / per_s),
    source,
  });
}
