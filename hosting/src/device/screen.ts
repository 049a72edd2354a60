/** All that the device view knows and shows, each thing following from the others. */
import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Metrics, Page } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { knownDevice } from '../fleet.ts';
import { now } from '../lib/ticking.ts';
import { unitOf } from '../lib/units.ts';
import { place } from '../router.ts';
import { keepingEqual, remembering } from '../lib/keeping-equal.ts';
import { choiceOf } from './choice.ts';
import { followAddress } from './follow-address.ts';
import { firstShown } from './axes.ts';
import { History } from './history.ts';
import { levelFor } from './level.ts';
import { spanOf, widthOf, type Range, type Span } from './range.ts';
import { density_ms, liveSpan, recentOf, reportInterval_ms, type Aggregate, type Recent } from './recent.ts';
import { gap_ms, readingAt, withMetricsOf, type Metric } from './series.ts';
import { joined, missing, untold, type Question } from './tiles.ts';

/** The chart moves in steps that can hardly be seen; in larger ones for whoever asks for less motion. */
const STEPS = 800;
const CALM_STEPS = 60;
const NOTHING: Recent = { points: [], from_ms: -Infinity };
const calm = matchMedia('(prefers-reduced-motion: reduce)');

export class DeviceScreen {
  readonly device_id: string;
  readonly history: History;
  /** Null until the first answer. */
  readonly recent = signal<Recent | null>(null);
  readonly is_unknown = signal(false);
  readonly range: Signal<Range>;
  /** Null until somebody chooses. */
  readonly chosenAggregate: Signal<Aggregate | null>;
  readonly chosenMetrics: Signal<ReadonlySet<string> | null>;
  /** What the pointer is at. */
  readonly pointed_ms = signal<number | null>(null);

  constructor(client: Client, device_id: string) {
    this.device_id = device_id;
    this.history = new History(client, device_id);
    const chosen = choiceOf(place.peek().options);
    this.range = signal(chosen.range);
    this.chosenAggregate = signal(chosen.aggregate);
    this.chosenMetrics = signal(chosen.metrics);
  }

  readonly device = computed(() => knownDevice(this.device_id));
  readonly #newest = computed(() => this.recent.value ?? NOTHING);
  readonly interval_ms = computed(() =>
    reportInterval_ms(this.#newest.value, this.device.value?.expected_interval_ms ?? null),
  );
  readonly #live = keepingEqual(() => liveSpan(this.#newest.value, now.value, this.interval_ms.value));

  /** What of time is shown. */
  readonly span: ReadonlySignal<Span> = keepingEqual(() => {
    const range = this.range.value;
    if (range.kind === 'fixed') return range;
    const width_ms = range.kind === 'live' ? widthOf(this.#live.value) : range.span_ms;
    const step_ms = Math.max(1, width_ms / (calm.matches ? CALM_STEPS : STEPS));
    const newest_ms = this.#newest.value.points.at(-1)?.timestamp_ms ?? 0;
    const now_ms = Math.max(newest_ms, Math.floor(now.value / step_ms) * step_ms);
    if (range.kind === 'last') return spanOf(range, now_ms);
    const { start_ms, end_ms } = this.#live.value;
    return { start_ms, end_ms: Math.min(end_ms, now_ms) };
  });

  readonly #density_ms = computed(() => density_ms(this.#newest.value, this.interval_ms.value));
  /** What the device has reported while it was looked at. */
  readonly #reported = remembering<readonly Metric[]>([], (known) => withMetricsOf(this.#newest.value.points, known));
  readonly aggregate = computed((): Aggregate => {
    const has_numbers = this.#reported.value.some(({ kind }) => kind === 'number');
    return this.chosenAggregate.value ?? (has_numbers || this.#reported.value.length === 0 ? 'avg' : 'last');
  });

  /** Null when the newest points are all that is asked for. */
  readonly question: ReadonlySignal<Question | null> = keepingEqual(() => {
    if (this.range.value.kind === 'live') return null;
    const level = levelFor(widthOf(this.span.value), this.#density_ms.value);
    return { level, aggregate: level.interval_ms === null ? 'avg' : this.aggregate.value };
  });
  /** Of a drawn value; null when every point is drawn. */
  readonly drawnInterval_ms = computed(() => this.question.value?.level.interval_ms ?? null);
  readonly gap_ms = computed(() => gap_ms(this.interval_ms.value, this.drawnInterval_ms.value));

  /** What of it the newest points do not tell. */
  readonly untold = keepingEqual((): Span | null => {
    const question = this.question.value;
    return question === null ? null : untold(this.span.value, this.#newest.value, question);
  });
  readonly #tiles = computed(() => {
    const question = this.question.value;
    return question === null ? [] : this.history.tilesOf({ question, span: this.untold.value });
  });
  /** Of the span and one beyond each edge, oldest first. */
  readonly points = computed(() => {
    const question = this.question.value;
    return question === null
      ? this.#newest.value.points
      : joined(this.span.value, this.#tiles.value, this.#newest.value, question);
  });
  /** Of the span alone. */
  readonly inside = computed(() => {
    const { start_ms, end_ms } = this.span.value;
    return this.points.value.filter(({ timestamp_ms }) => timestamp_ms >= start_ms && timestamp_ms <= end_ms);
  });
  readonly missing = computed((): readonly Span[] =>
    this.untold.value === null ? [] : missing(this.untold.value, this.#tiles.value),
  );

  /** All that were seen since the device is looked at. */
  readonly metrics = remembering<readonly Metric[]>([], (known) =>
    withMetricsOf([...this.points.value, ...this.#newest.value.points], known),
  );
  /** Until somebody chooses it does not depend on which time is looked at. */
  readonly shown = computed(
    (): ReadonlySet<string> => this.chosenMetrics.value ?? firstShown(this.#reported.value, (name) => this.unit(name)),
  );
  readonly reading = computed(() => {
    const at_ms = this.pointed_ms.value;
    return at_ms === null ? null : readingAt(this.points.value, at_ms, this.gap_ms.value);
  });

  /** Whether the device has not posted anything that is still kept. */
  readonly is_blank = computed(() => this.recent.value !== null && this.recent.value.points.length === 0);

  /** The newest value, and how much older than the newest point it is; null when no point that is known has it. */
  newestOf(metric: string): { readonly value: Metrics[string]; readonly behind_ms: number } | null {
    const { points } = this.#newest.value;
    const point = points.findLast(({ metrics }) => Object.hasOwn(metrics, metric));
    const value = point?.metrics[metric];
    if (point === undefined || value === undefined) return null;
    return { value, behind_ms: (points.at(-1)?.timestamp_ms ?? 0) - point.timestamp_ms };
  }

  unit(metric: string): string {
    return unitOf(metric, this.device.value);
  }

  learn(page: Page): void {
    this.is_unknown.value = false;
    this.recent.value = recentOf(page);
  }

  toggle(metric: string): void {
    this.chosenMetrics.value = this.shown.peek().symmetricDifference(new Set([metric]));
  }

  /** Begins to load and to follow the address; what is returned ends that. */
  start(): () => void {
    const disposals = [effect(() => this.#wantHistory()), followAddress(this)];
    return () => {
      this.history.stop();
      for (const dispose of disposals) dispose();
    };
  }

  #wantHistory(): void {
    const question = this.question.value;
    const recent = this.recent.value;
    if (question === null || recent === null) return;
    this.history.want({ question, span: this.untold.value, recent });
  }
}
