import { DAY_MS, MINUTE_MS } from '@bas/core/clock';
import uPlot from 'uplot';
import type { Axis } from './axes.ts';
import { dashOf, type Colours } from './colours.ts';
import type { Metric } from './series.ts';

/** What makes another chart, not only other lines in it. */
export interface Plan {
  readonly axes: readonly Axis[];
  readonly booleans: readonly Metric[];
  readonly colours: Colours;
}

/** The metrics in the order in which they are drawn. */
export function drawnOf({ axes, booleans }: Pick<Plan, 'axes' | 'booleans'>): readonly Metric[] {
  return [...axes.flatMap(({ metrics }) => metrics), ...booleans];
}

const FONT = '12px system-ui, sans-serif';
/** Parts of the height, from the bottom, that a metric of yes and no takes up, and that it moves within. */
const BAND = 0.09;
const STEP = 0.06;
const PAD = 0.08;
const FIGURE_WIDTH = 7;
/** A value further away from the pointer is not what is pointed at. */
const HOVER_PIXELS = 40;
const SIDES = { left: 3, right: 1 } as const;

/** How uPlot is told what to draw; times are in milliseconds. The widths of the axes of values are put into `sizes`. */
export function optionsFor(plan: Plan, size: { width: number; height: number }, sizes: number[]): uPlot.Options {
  const { axes, booleans, colours } = plan;
  const bands = booleans.length;
  const drawn = drawnOf(plan);
  const scales: uPlot.Scales = { x: { time: true } };
  for (const { scale } of axes) scales[scale] = { range: (_, min, max) => roomy(min, max, bands) };
  booleans.forEach(({ name }, at) => (scales[booleanScale(name)] = { range: bandRange(at) }));
  const hasLeft = axes.some(({ side }) => side === 'left');
  return {
    ...size,
    ms: 1,
    padding: [28, null, null, hasLeft ? null : 8],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { setScale: false, x: false, y: false },
      bind: { dblclick: () => null },
      points: { size: 7, fill: (_, at) => colourAt(drawn[at - 1]?.place ?? 0, colours.series) },
      hover: { prox: HOVER_PIXELS },
    },
    scales,
    series: [
      {},
      ...axes.flatMap(({ scale, metrics }) => metrics.map((metric) => lineOf(metric, scale, plan))),
      ...booleans.map((metric) => stepsOf(metric, plan)),
    ],
    axes: [timeAxis(plan), ...axes.flatMap((axis, at) => valueAxes(axis, at, plan, sizes))],
  };
}

export function booleanScale(name: string): string {
  return `yes of ${name}`;
}

/** Room above and below, and at the bottom for what is yes or no. */
export function roomy(min: number | null, max: number | null, bands: number): [number, number] {
  if (min === null || max === null) return [0, 1];
  const width = max - min || Math.max(1, Math.abs(max) * 0.1);
  const low = min >= 0 ? Math.max(0, min - PAD * width) : min - PAD * width;
  const high = max + PAD * width;
  const part = partOf(bands);
  return [low - ((high - low) * part) / (1 - part), high];
}

function partOf(bands: number): number {
  return Math.min(0.5, bands * BAND);
}

/** No and yes lie in a band of their own, the first at the bottom. */
function bandRange(at: number): [number, number] {
  const zero = 0.015 + at * BAND;
  return [-zero / STEP, (1 - zero) / STEP];
}

function lineOf({ place }: Metric, scale: string, { colours }: Plan): uPlot.Series {
  const stroke = colourAt(place, colours.series);
  return { scale, stroke, width: 1.75, dash: dashOf(place), points: { size: 5, fill: stroke, stroke } };
}

function stepsOf({ name, place }: Metric, { colours }: Plan): uPlot.Series {
  const stroke = colourAt(place, colours.series);
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const fill = stroke.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.18)');
  const points = { show: false };
  return { scale: booleanScale(name), stroke, width: 1.25, fill, points, ...(paths === undefined ? {} : { paths }) };
}

function colourAt(place: number, series: readonly string[]): string {
  return series[place % series.length] ?? 'gray';
}

function timeAxis({ colours }: Plan): uPlot.Axis {
  return {
    stroke: colours.quiet,
    font: FONT,
    grid: { stroke: colours.line, width: 1 },
    ticks: { stroke: colours.line, width: 1, size: 5 },
    space: 66,
    size: 44,
    values: (_, splits) => timeLabels(splits),
  };
}

/** Of one metric it has the colour of its line. */
function valueAxes(axis: Axis, at: number, { booleans, colours }: Plan, sizes: number[]): uPlot.Axis[] {
  const { scale, side, metrics } = axis;
  if (side === null) return [];
  const [only, ...others] = metrics;
  const stroke = only === undefined || others.length > 0 ? colours.text : colourAt(only.place, colours.series);
  const made: uPlot.Axis = {
    scale,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum is a type only
    side: SIDES[side],
    stroke,
    font: FONT,
    grid: { show: at === 0, stroke: colours.line, width: 1 },
    ticks: { stroke: colours.line, width: 1, size: 4 },
    space: 36,
    size: (_, values: readonly string[] | null) => (sizes[at] = sizeFor(values ?? [])),
    values: (chart, splits) => labels(splits, chart.scales[scale], booleans.length),
  };
  return [made];
}

/** The band at the bottom belongs to other metrics. */
function labels(values: readonly number[], scale: uPlot.Scale | undefined, bands: number): string[] {
  const { min = 0, max = 0 } = scale ?? {};
  const lowest = min + (max - min) * partOf(bands) - Number.EPSILON * Math.abs(max);
  const figures = figuresFor(values);
  return values.map((value) => (value < lowest ? '' : figures.format(value)));
}

/** As many decimals as neighbours on an axis need to be told apart, and no more. */
export function figuresFor([first = 0, second = 1]: readonly number[]): Intl.NumberFormat {
  const step = Math.abs(second - first);
  const decimals = DECIMALS.find(
    (digits) => Math.abs(Math.round(step * 10 ** digits) / 10 ** digits - step) < step / 100,
  );
  if (decimals === undefined || step >= 1e9)
    return new Intl.NumberFormat(undefined, { notation: 'scientific', maximumSignificantDigits: 4 });
  return new Intl.NumberFormat(undefined, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const DECIMALS = [0, 1, 2, 3, 4, 5, 6];

function sizeFor(values: readonly string[]): number {
  return Math.max(34, Math.max(0, ...values.map(({ length }) => length)) * FIGURE_WIDTH + 14);
}

const minutes = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const seconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** What stands below the chart: the time in the reader's zone, and the day where it changes. The times are evenly spaced, oldest first. */
export function timeLabels(times_ms: readonly number[]): string[] {
  const step_ms = (times_ms[1] ?? Infinity) - (times_ms[0] ?? 0);
  // Where the clocks change, a day is an hour shorter.
  if (step_ms > 0.9 * DAY_MS && times_ms.length > 1) return times_ms.map((time_ms) => days.format(time_ms));
  const clock = step_ms < MINUTE_MS ? seconds : minutes;
  return times_ms.map((time_ms, at) => {
    const before_ms = times_ms[at - 1];
    const day = days.format(time_ms);
    const is_new = before_ms === undefined || days.format(before_ms) !== day;
    return is_new ? `${clock.format(time_ms)}\n${day}` : clock.format(time_ms);
  });
}
