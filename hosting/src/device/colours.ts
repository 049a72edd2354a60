/** The page's colours for a canvas, which knows no tokens. */

/** As many as can be told apart; see `--series-*` in tokens.css. */
export const SERIES_COLOURS = 8;
/** Beside the colour: lines that look alike to somebody still differ. */
const DASHES: readonly (readonly number[])[] = [[], [], [7, 4], [2, 3], [9, 3, 2, 3], [4, 2], [1, 2], [12, 4]];

export interface Colours {
  readonly series: readonly string[];
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly card: string;
  readonly unloaded: string;
}

/** The colours as they are now, light or dark. */
export function coloursNow(within: HTMLElement): Colours {
  const probe = document.createElement('span');
  within.append(probe);
  const resolve = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    series: Array.from({ length: SERIES_COLOURS }, (_, at) => resolve(`series-${at + 1}`)),
    text: resolve('text'),
    quiet: resolve('quiet'),
    line: resolve('line'),
    card: resolve('card'),
    unloaded: resolve('sunk'),
  };
  probe.remove();
  return colours;
}

export function dashOf(place: number): number[] {
  return [...(DASHES[place % DASHES.length] ?? [])];
}
