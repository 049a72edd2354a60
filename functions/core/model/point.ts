import { isMetricName } from './names.ts';

export type MetricValue = number | boolean | string;
export type Metrics = Readonly<Record<string, MetricValue>>;

/**
 * One instant of one device, as both stores keep it: the metrics are canonical JSON text (names sorted), so two points
 * are equal exactly when their texts are, and an answer can be put together without parsing a value.
 */
export interface Point {
  readonly timestamp_ms: number;
  readonly metrics: string;
}

export const MAX_METRICS_PER_POINT = 64;
export const MAX_STRING_BYTES = 256;

/** JSON with sorted names; -0 becomes 0, because JSON text would make it 0 anyway. */
export function canonicalMetrics(metrics: Metrics): string {
  const names = Object.keys(metrics);
  if (names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name)) return JSON.stringify(metrics);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${valueText(metrics[name])}`)
    .join(',')}}`;
}

/** As JSON has it; only a string needs its care. */
function valueText(value: MetricValue | undefined): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Reads back what `canonicalMetrics` wrote. Only for text that came from a store. */
export function parseMetrics(text: string): Metrics {
  return JSON.parse(text) as Metrics;
}

/** What `canonicalMetrics` writes, but for the order of names: flat, without a space, so that one pass can tell. */
const CANONICAL =
  /^\{(?:"[A-Za-z_][\w.:-]*":(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?|true|false|"(?:[^"\\\u0000-\u001f]|\\["\\bfnrt]|\\u[\da-f]{4})*")(?:,(?=")|(?=\}$)))+\}$/;

/**
 * Whether a stored text is metrics. What somebody wrote by hand may be, in another form: only that is parsed, which takes
 * three times as long.
 */
export function isMetricsText(text: string): boolean {
  if (CANONICAL.test(text)) return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && isMetrics({ ...value });
  } catch {
    return false;
  }
}

/** Why `metrics` cannot be stored, or null when it can. The contract's rules for names and values. */
export function metricsFault(metrics: Readonly<Record<string, unknown>>): string | null {
  const names = Object.keys(metrics);
  if (names.length === 0) return 'metrics is empty';
  if (names.length > MAX_METRICS_PER_POINT) return `more than ${String(MAX_METRICS_PER_POINT)} metrics`;
  for (const name of names) {
    if (!isMetricName(name)) return `metric name ${JSON.stringify(name.slice(0, 80))} is not allowed`;
    const fault = valueFault(metrics[name]);
    if (fault !== null) return `metric ${name} ${fault}`;
  }
  return null;
}

function valueFault(value: unknown): string | null {
  switch (typeof value) {
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : 'is not a finite number';
    case 'string':
      return Buffer.byteLength(value) <= MAX_STRING_BYTES ? null : `is longer than ${String(MAX_STRING_BYTES)} bytes`;
    default:
      return 'must be a number, a boolean or a string';
  }
}

/** Narrows to storable metrics; use `metricsFault` for the reason when it says no. */
export function isMetrics(metrics: Readonly<Record<string, unknown>>): metrics is Metrics {
  return metricsFault(metrics) === null;
}
