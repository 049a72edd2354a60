/** The chart itself: what is to be seen, drawn by uPlot on a canvas. */
import uPlot from 'uplot';
import { drawLabels, placesOf } from './axes.ts';
import type { Colours } from './colours.ts';
import { optionsFor, type Plan } from './plot-options.ts';
import type { Span } from './range.ts';
import type { Lines } from './series.ts';

/** In CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly plan: Plan;
  readonly lines: Lines;
  readonly size: Size;
  readonly span: Span;
  /** Where nothing is loaded yet. */
  readonly missing: readonly Span[];
}

export class Plot {
  readonly #host: HTMLElement;
  readonly #point: (time_ms: number | null) => void;
  #chart: uPlot | null = null;
  #made = '';
  #missing: readonly Span[] = [];

  /** `point` hears which time the pointer is at. */
  constructor(host: HTMLElement, point: (time_ms: number | null) => void) {
    this.#host = host;
    this.#point = point;
  }

  show({ plan, lines, size, span, missing }: Picture): void {
    if (size.width === 0 || size.height === 0) return;
    this.#missing = missing;
    const data: uPlot.AlignedData = [lines.times_ms, ...lines.values];
    const made = JSON.stringify(plan);
    if (this.#chart === null || this.#made !== made) this.#make(plan, size, data);
    this.#made = made;
    const chart = this.#chart;
    if (chart === null) return;
    chart.batch(() => {
      if (chart.width !== size.width || chart.height !== size.height) chart.setSize(size);
      chart.setData(data, false);
      chart.setScale('x', { min: span.start_ms, max: span.end_ms });
    });
  }

  /** Where lines are drawn, on the screen. */
  get area(): DOMRect | null {
    return this.#chart?.over.getBoundingClientRect() ?? null;
  }

  destroy(): void {
    this.#chart?.destroy();
    this.#chart = null;
  }

  #make(plan: Plan, size: Size, data: uPlot.AlignedData): void {
    this.destroy();
    const sizes: number[] = [];
    const hooks = {
      drawClear: [(chart: uPlot) => this.#shade(chart, plan.colours)],
      drawAxes: [
        (chart: uPlot) => drawLabels(chart, placesOf(plan.axes, sizes, chart.width), uPlot.pxRatio, plan.colours.quiet),
      ],
      setCursor: [(chart: uPlot) => this.#pointed(chart)],
    };
    this.#chart = new uPlot({ ...optionsFor(plan, size, sizes), hooks }, data, this.#host);
  }

  #pointed(chart: uPlot): void {
    const { left } = chart.cursor;
    this.#point(left === undefined || left < 0 ? null : chart.posToVal(left, 'x'));
  }

  #shade(chart: uPlot, { unloaded }: Colours): void {
    const { ctx, bbox } = chart;
    const within = (time_ms: number): number =>
      Math.min(bbox.left + bbox.width, Math.max(bbox.left, chart.valToPos(time_ms, 'x', true)));
    ctx.save();
    ctx.fillStyle = unloaded;
    for (const { start_ms, end_ms } of this.#missing) {
      ctx.fillRect(within(start_ms), bbox.top, within(end_ms) - within(start_ms), bbox.height);
    }
    ctx.restore();
  }
}
