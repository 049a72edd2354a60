/** Light, dark, or as the system has it; kept in this browser. */
import { signal } from '@preact/signals';
import { keep, recall } from './storage.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEPT = 'bas.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>(THEMES.find((known) => known === recall(KEPT)) ?? 'auto');
/** What is shown: a chart paints its own colours and must know. */
export const isDark = signal(false);

system.addEventListener('change', applyTheme);

export function applyTheme(): void {
  const chosen = theme.value;
  document.documentElement.style.colorScheme = chosen === 'auto' ? 'light dark' : chosen;
  // Last, for whoever hears of it looks at the colours at once.
  isDark.value = chosen === 'dark' || (chosen === 'auto' && system.matches);
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keep(KEPT, chosen);
  applyTheme();
}
