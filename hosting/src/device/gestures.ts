/** Moving and zooming a chart by mouse, fingers, wheel and keys. */
import { moved, settled, widthOf, zoomed, type Range, type Span } from './range.ts';

export interface Hands {
  readonly span: () => Span;
  readonly now_ms: () => number;
  readonly show: (range: Range) => void;
  readonly live: () => void;
}

/** Hands that reach for places on the screen. */
export interface Grasp extends Hands {
  /** Where lines are drawn, on the screen. */
  readonly area: () => DOMRect | null;
}

const ZOOM_STEP = 1.5;
const ZOOM_PER_PIXEL = 1.0015;
const PAN_STEP = 0.1;
const PAN_LEAP = 0.5;
/** A wheel that began beside the chart goes on scrolling the page for so long. */
const SAME_TURN_MS = 350;

export function zoomIn({ span, now_ms, show }: Hands, factor = 1 / ZOOM_STEP): void {
  const shown = span();
  const end_ms = now_ms();
  // What ends now goes on ending now.
  const follows = shown.end_ms >= end_ms - 0.02 * widthOf(shown);
  const at_ms = follows ? shown.end_ms : shown.start_ms + widthOf(shown) / 2;
  show(zoomed(shown, factor, at_ms, end_ms));
}

export function zoomOut(hands: Hands): void {
  zoomIn(hands, ZOOM_STEP);
}

export function pan({ span, now_ms, show }: Hands, part: number): void {
  const shown = span();
  show(moved(shown, part * widthOf(shown), now_ms()));
}

/** Listens until `signal` says no more. */
export function listen(host: HTMLElement, hands: Grasp, signal: AbortSignal): void {
  listenToWheel(host, hands, signal);
  listenToFingers(host, hands, signal);
  host.addEventListener('keydown', (event) => onKey(event, hands), { signal });
  host.addEventListener('dblclick', () => hands.live(), { signal });
}

function onKey(event: KeyboardEvent, hands: Hands): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const part = event.shiftKey ? PAN_LEAP : PAN_STEP;
  const does: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => pan(hands, -part),
    ArrowRight: () => pan(hands, part),
    '+': () => zoomIn(hands),
    '=': () => zoomIn(hands),
    '-': () => zoomOut(hands),
    End: () => hands.live(),
  };
  const act = Object.hasOwn(does, event.key) ? does[event.key] : undefined;
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function listenToWheel(host: HTMLElement, hands: Grasp, signal: AbortSignal): void {
  let scrolled_at = -Infinity;
  const besides = (event: WheelEvent) => {
    const is_inside = event.target instanceof Node && host.contains(event.target);
    if (!is_inside || event.timeStamp - scrolled_at < SAME_TURN_MS) scrolled_at = event.timeStamp;
  };
  document.addEventListener('wheel', besides, { signal, capture: true, passive: true });
  const turn = (event: WheelEvent) => {
    const area = hands.area();
    if (area === null || event.timeStamp === scrolled_at) return;
    event.preventDefault();
    const shown = hands.span();
    const { deltaX, deltaY } = event;
    if (Math.abs(deltaX) > Math.abs(deltaY)) {
      hands.show(moved(shown, (deltaX / area.width) * widthOf(shown), hands.now_ms()));
      return;
    }
    const factor = ZOOM_PER_PIXEL ** (deltaY * (event.ctrlKey ? 4 : 1));
    hands.show(zoomed(shown, factor, timeAt(event.clientX, area, shown), hands.now_ms()));
  };
  host.addEventListener('wheel', turn, { signal, passive: false });
}

function timeAt(x: number, area: DOMRect, shown: Span): number {
  return shown.start_ms + ((x - area.left) / area.width) * widthOf(shown);
}

/** A click is no drag. */
const LEAST_PIXELS = 4;
const LEAST_APART = 12;

/** Where fingers were put on, and what was shown then. */
interface Grip {
  readonly span: Span;
  readonly begun: ReadonlyMap<number, number>;
}

/** Dragging: one finger, or the mouse, moves the chart; two hold on to the times that they were put on. */
function listenToFingers(host: HTMLElement, hands: Grasp, signal: AbortSignal): void {
  const fingers = new Map<number, number>();
  let grip: Grip | null = null;
  const takeHold = () => (grip = fingers.size === 0 ? null : { span: hands.span(), begun: new Map(fingers) });
  const letGo = (pointerId: number) => {
    if (fingers.delete(pointerId)) takeHold();
  };
  const down = (event: PointerEvent) => {
    const { target, button, pointerId, clientX } = event;
    if (button !== 0 || !(target instanceof Element) || target.closest('.u-over') === null) return;
    // Not by what lies under it: that goes when the chart is drawn by another plan.
    host.setPointerCapture(pointerId);
    fingers.set(pointerId, clientX);
    takeHold();
  };
  const move = ({ pointerId, clientX, buttons }: PointerEvent) => {
    const area = hands.area();
    // It was let go where nobody heard of it.
    if (buttons === 0) letGo(pointerId);
    if (!fingers.has(pointerId) || grip === null || area === null) return;
    fingers.set(pointerId, clientX);
    const range = dragged(grip, fingers, area, hands.now_ms());
    if (range !== null) hands.show(range);
  };
  const up = ({ pointerId }: PointerEvent) => letGo(pointerId);
  host.addEventListener('pointerdown', down, { signal });
  host.addEventListener('pointermove', move, { signal });
  host.addEventListener('pointerup', up, { signal });
  host.addEventListener('pointercancel', up, { signal });
  host.addEventListener('lostpointercapture', up, { signal });
}

/** Null while nothing has moved far enough. */
export function dragged(
  { span, begun }: Grip,
  fingers: ReadonlyMap<number, number>,
  area: { readonly left: number; readonly width: number },
  now_ms: number,
): Range | null {
  const [first, second] = [...fingers].map(([id, x]) => ({ from: begun.get(id) ?? x, to: x }));
  if (first === undefined) return null;
  const ms_per_pixel = widthOf(span) / area.width;
  if (second === undefined) {
    const by = first.from - first.to;
    return Math.abs(by) < LEAST_PIXELS ? null : moved(span, by * ms_per_pixel, now_ms);
  }
  const apart = Math.max(LEAST_APART, Math.abs(second.to - first.to));
  const scale = Math.max(LEAST_APART, Math.abs(second.from - first.from)) / apart;
  const held_ms = span.start_ms + ((first.from + second.from) / 2 - area.left) * ms_per_pixel;
  const start_ms = held_ms - ((first.to + second.to) / 2 - area.left) * ms_per_pixel * scale;
  return settled({ start_ms, end_ms: start_ms + widthOf(span) * scale }, now_ms);
}
