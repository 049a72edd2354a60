/** Units of metrics, where a device's tags or the metric's name tell them. */
import type { Device } from '../api/answers.ts';

/** A tag such as `unit.supply_temp` = `°C` wins over what the name suggests. */
const TAG = 'unit.';

/** The last word of a name that ends in a unit, as in `supply_temp_c` or `power_kw`. */
const ENDINGS: Readonly<Record<string, string>> = {
  bar: 'bar',
  celsius: '°C',
  hz: 'Hz',
  kpa: 'kPa',
  kw: 'kW',
  kwh: 'kWh',
  lps: 'l/s',
  lux: 'lx',
  m3h: 'm³/h',
  ms: 'ms',
  mwh: 'MWh',
  pa: 'Pa',
  pct: '%',
  percent: '%',
  ppm: 'ppm',
  rpm: 'rpm',
  wh: 'Wh',
};

const TEMPERATURES = ['temp', 'temperature', 'supply', 'return', 'setpoint', 'sp', 'dewpoint', 'outdoor'];

/** A single letter names a phase or a zone as well: it is a unit only right after a word that fits it. */
const LETTERS: Readonly<Record<string, { readonly unit: string; readonly after: readonly string[] }>> = {
  a: { unit: 'A', after: ['current'] },
  c: { unit: '°C', after: TEMPERATURES },
  k: { unit: 'K', after: ['temp', 'temperature', 'delta', 'difference', 'dt', 'spread'] },
  v: { unit: 'V', after: ['volt', 'voltage', 'battery'] },
  w: { unit: 'W', after: ['power', 'load'] },
};

/** Quantities that building controllers send under their plain name, in the unit nearly all of them use. */
const NAMES: Readonly<Record<string, string>> = {
  co2: 'ppm',
  humidity: '%',
  illuminance: 'lx',
  temperature: '°C',
};

/** With one of these a plain name tells of something about the quantity, not of its amount. */
const NO_AMOUNT: ReadonlySet<string> = new Set(['alarm', 'count', 'enable', 'fault', 'mode', 'state', 'status']);

/** Empty when nothing tells: a wrong unit is worse than none. */
export function unitOf(metric: string, device: Pick<Device, 'tags'> | undefined): string {
  const tagged = device?.tags[TAG + metric];
  if (tagged !== undefined) return tagged;
  const words = metric.toLowerCase().split(/[_.:-]/);
  const last = words.at(-1) ?? '';
  const before = words.at(-2);
  const ending = before === undefined ? undefined : (own(ENDINGS, last) ?? letter(last, before));
  if (ending !== undefined) return ending;
  return words.some((word) => NO_AMOUNT.has(word)) ? '' : (own(NAMES, last) ?? '');
}

function letter(last: string, before: string): string | undefined {
  const known = own(LETTERS, last);
  // Such as `temp2_c`.
  return known?.after.includes(before.replace(/\d+$/, '')) === true ? known.unit : undefined;
}

function own<T>(known: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(known, word) ? known[word] : undefined;
}

/** The tags that say something else than a unit: units are told with the values. */
export function plainTags({ tags }: Pick<Device, 'tags'>): readonly (readonly [string, string])[] {
  return Object.entries(tags).filter(([key]) => !key.startsWith(TAG));
}

/** As much as a sensor means; a counter, which is large and grows slowly, to a tenth. */
const measured = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });
const extreme = new Intl.NumberFormat(undefined, { notation: 'scientific', maximumSignificantDigits: 4 });
const counted = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** What a person reads: `21.5 °C`, `yes`, `auto`. */
export function valueText(value: number | boolean | string, unit = ''): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  const size = Math.abs(value);
  const figures = size >= 1e12 || (size < 1e-4 && size > 0) ? extreme : size < 1_000 ? measured : counted;
  const text = figures.format(value);
  return unit === '' ? text : `${text} ${unit}`;
}
