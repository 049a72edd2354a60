/** The page on the Firestore emulator: what looking costs, by what the answers say. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { House, signIn } from '../../hosting/test/support/house.ts';
import { send } from '../../hosting/test/support/many.ts';
import { bar, DEVICES, minutesAgo, openChart, pointAt, registerUnits, UNITS_TENANT } from './page-parts.ts';
import type { Row } from './report.ts';

/** About as many as are on the screen to begin with. */
const SEEN_FIRST = 20;
/** As long as the list of all devices takes, and the rounds that follow. */
const OVERVIEW_MINUTES = 6;

export async function measurePageReads(FIRESTORE_EMULATOR_HOST: string): Promise<Row[]> {
  const flags = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
  const GCP_PROJECT_ID = `demo-page-${String(process.pid)}`;
  const house = await House.open({ ...flags, GCP_PROJECT_ID, FIRESTORE_EMULATOR_HOST });
  try {
    await house.post('ahu-1', minutesAgo(100).map(pointAt));
    const units = await registerUnits(house);
    for (const unit of units.slice(0, SEEN_FIRST)) await send(house, unit, minutesAgo(30).map(pointAt), UNITS_TENANT);
    return [await readsOfDevice(house), await readsOfOverview(house)];
  } finally {
    await house.close();
  }
}

/** The opening is left out. */
async function readsOfDevice(house: House): Promise<Row> {
  const { page, context } = await house.person('viewer');
  await openChart(page, house);
  const minutes = await readsByMinute(page, 3, async () => {
    await house.post('ahu-1', [pointAt(Date.now())]).catch(() => undefined); // more often than the device may post
  });
  await context.close();
  const name = 'the page: documents read a minute while a device is open and live';
  return bar(name, minutes.join(', '), Math.max(...minutes), 12);
}

/** The opening is its dearest minute. */
async function readsOfOverview(house: House): Promise<Row> {
  const { page, context } = await house.visitor();
  const minutes = readsByMinute(page, OVERVIEW_MINUTES, () => Promise.resolve());
  await signIn(page, house.credentials('viewer', UNITS_TENANT));
  const counted = await minutes;
  await context.close();
  const name = `the page: documents read a minute by an overview of ${String(DEVICES)} devices, opening included`;
  return bar(name, counted.join(', '), Math.max(...counted), 50);
}

async function readsByMinute(page: Page, count: number, meanwhile: () => Promise<void>): Promise<readonly number[]> {
  const minutes: number[] = [];
  let reads = 0;
  page.on('response', (response) => (reads += Number(response.headers()['x-read-count'] ?? 0)));
  for (let minute = 0; minute < count; minute += 1) {
    reads = 0;
    for (let at = 0; at < 6; at += 1) {
      await meanwhile();
      await delay(10_000);
    }
    minutes.push(reads);
  }
  return minutes;
}
