/** The time, once a second while somebody looks: ages and countdowns follow it. */
import { signal } from '@preact/signals';
import { forgetOldReads } from '../api/reads.ts';
import { now_ms } from './clock.ts';

const SECOND_MS = 1_000;

export const now = signal(now_ms());

function tick(): void {
  if (document.hidden) return;
  now.value = now_ms();
  forgetOldReads();
}

setInterval(tick, SECOND_MS);
document.addEventListener('visibilitychange', tick);
