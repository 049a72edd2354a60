import { effect, type Signal } from '@preact/signals';
import { adjust, place } from '../router.ts';
import { choiceOf, optionsOf, type Choice } from './choice.ts';

/** Browsers refuse an address that changes with every movement of a drag. */
const SETTLE_MS = 300;

interface Chosen {
  readonly range: Signal<Choice['range']>;
  readonly chosenAggregate: Signal<Choice['aggregate']>;
  readonly chosenMetrics: Signal<Choice['metrics']>;
}

/** The address follows what is chosen, and what is chosen follows an address that somebody else changed. */
export function followAddress({ range, chosenAggregate, chosenMetrics }: Chosen): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let known = place.peek();
  let is_own = false;
  const disposals = [
    effect(() => {
      const here = place.value;
      const is_news = here !== known && !is_own;
      known = here;
      if (!is_news) return;
      const choice = choiceOf(here.options);
      range.value = choice.range;
      chosenAggregate.value = choice.aggregate;
      chosenMetrics.value = choice.metrics;
    }),
    effect(() => {
      const choice = { range: range.value, aggregate: chosenAggregate.value, metrics: chosenMetrics.value };
      clearTimeout(timer);
      timer = setTimeout(() => {
        const options = optionsOf(choice, place.peek().options);
        if (options === null) return;
        is_own = true;
        adjust(options);
        is_own = false;
      }, SETTLE_MS);
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const dispose of disposals) dispose();
  };
}
