/** Which metrics share an axis, where it stands, and what is written above it: level, because turned text is slow to read. */
import type uPlot from 'uplot';
import type { Kind, Metric } from './series.ts';

export interface Axis {
  /** The unit, or the metric's own name. */
  readonly scale: string;
  /** What is written above it. */
  readonly label: string;
  /** Null when there is no room: its lines are drawn, and its values are read from the hover. */
  readonly side: 'left' | 'right' | null;
  readonly metrics: readonly Metric[];
}

/** The metrics of one unit share an axis; without a unit each has its own. They stand left and right in turn. */
export function axesOf(metrics: readonly Metric[], unitOf: (name: string) => string, room: number): readonly Axis[] {
  const numbers = metrics.filter(({ kind }) => kind === 'number');
  const byScale = Map.groupBy(numbers, ({ name }) => scaleOf(name, unitOf(name)));
  return [...byScale].map(([scale, of], at) => {
    const label = unitOf(of[0]?.name ?? '') || (of[0]?.name ?? '');
    return { scale, label, side: at >= room ? null : at % 2 === 0 ? 'left' : 'right', metrics: of };
  });
}

function scaleOf(name: string, unit: string): string {
  return unit === '' ? `of ${name}` : `in ${unit}`;
}

const FIRST_SCALES = 3;
const FIRST_NUMBERS = 5;
const FIRST_BOOLEANS = 2;

/** What is drawn until somebody chooses: as much as can be told apart, first of all what can be compared. */
export function firstShown(metrics: readonly Metric[], unitOf: (name: string) => string): ReadonlySet<string> {
  const ofKind = (wanted: Kind) => metrics.filter(({ kind }) => kind === wanted);
  const byScale = Map.groupBy(ofKind('number'), ({ name }) => scaleOf(name, unitOf(name)));
  const scales = [...byScale.values()].sort((a, b) => b.length - a.length).slice(0, FIRST_SCALES);
  const drawn = [...scales.flat().slice(0, FIRST_NUMBERS), ...ofKind('boolean').slice(0, FIRST_BOOLEANS)];
  return new Set(drawn.map(({ name }) => name));
}

const ROOM_BESIDE = 130;
const GAP = 8;
/** Above the figure that may stand at the very top of the axis. */
const RISE = 11;

interface Place {
  readonly label: string;
  /** In CSS pixels from the chart's left. */
  readonly x: number;
  readonly align: 'left' | 'right';
  readonly most: number;
}

/** `sizes` are the widths of the axes in CSS pixels, in the order of `axes`. */
export function placesOf(axes: readonly Axis[], sizes: readonly number[], width: number): readonly Place[] {
  const places: Place[] = [];
  for (const side of ['left', 'right'] as const) {
    const own = axes.flatMap(({ side: at, label }, index) => (at === side ? [{ label, size: sizes[index] ?? 0 }] : []));
    const all = own.reduce((sum, { size }) => sum + size, 0);
    let inner = 0;
    own.forEach(({ label, size }, at) => {
      inner += size;
      // The first stands beside the lines and may reach over them, unless another one is there.
      const most = at === 0 ? size + ROOM_BESIDE : size - GAP;
      const outer = all - inner;
      places.push({ label, x: side === 'left' ? outer + GAP / 2 : width - outer - GAP / 2, align: side, most });
    });
  }
  return places;
}

/** Writes them into the room above the lines. */
export function drawLabels({ ctx, bbox }: uPlot, places: readonly Place[], ratio: number, colour: string): void {
  ctx.save();
  ctx.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  ctx.fillStyle = colour;
  ctx.textBaseline = 'bottom';
  for (const { label, x, align, most } of places) {
    ctx.textAlign = align;
    ctx.fillText(
      cut(label, (text) => ctx.measureText(text).width <= most * ratio),
      x * ratio,
      bbox.top - RISE * ratio,
    );
  }
  ctx.restore();
}

function cut(label: string, fits: (text: string) => boolean): string {
  if (fits(label)) return label;
  let kept = label;
  while (kept.length > 1 && !fits(`${kept}…`)) kept = kept.slice(0, -1);
  return `${kept}…`;
}
