/** What both measurements of the page are made with. */
import type { Page } from 'playwright-core';
import type { House } from '../../hosting/test/support/house.ts';
import { register, type Registered } from '../../hosting/test/support/many.ts';
import type { Row } from './report.ts';

export const DEVICES = 200;
/** They are not the demo's first tenant's, whose devices have charts to look at. */
export const UNITS_TENANT = 1;
export const CHART = '.chart canvas';

export function registerUnits(house: House): Promise<readonly Registered[]> {
  const ids = Array.from({ length: DEVICES }, (_unused, at) => `unit-${String(at).padStart(3, '0')}`);
  return register(
    house,
    ids.map((device_id) => ({ device_id })),
    UNITS_TENANT,
  );
}

export async function openChart(page: Page, house: House): Promise<void> {
  await page.goto(`${house.url}/#/device/ahu-1`);
  await page.locator(CHART).waitFor();
}

export function minutesAgo(count: number): number[] {
  const now_ms = Date.now();
  return Array.from({ length: count }, (_unused, at) => now_ms - (count - at) * 60_000);
}

export function pointAt(timestamp_ms: number) {
  return { timestamp_ms, metrics: { temperature: 20 + (timestamp_ms % 7_000) / 1_000, power_kw: 3 } };
}

export function bar(measure: string, value: string, figure: number, most: number): Row {
  return { measure, value, bar: `<= ${String(most)}`, holds: figure <= most };
}
