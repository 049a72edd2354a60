/** The page in a real browser, on a box: what people wait for. */
import { setTimeout as delay } from 'node:timers/promises';
import { fillIn, House } from '../../hosting/test/support/house.ts';
import { send, type Registered } from '../../hosting/test/support/many.ts';
import { bar, CHART, DEVICES, minutesAgo, openChart, pointAt, registerUnits, UNITS_TENANT } from './page-parts.ts';
import { ms, type Row } from './report.ts';
import { percentile } from './stats.ts';

const SIGN_INS = 20;
const POSTS = 3;
const WATCHED_MS = 60_000;
/** Freshness of a box's answers: the page asks at most this often. */
const LEAST_MS = 2_000;

export async function measurePage(): Promise<Row[]> {
  const house = await House.open();
  try {
    const times_ms = minutesAgo(100);
    await house.post(
      'ahu-1',
      times_ms.map((timestamp_ms, at) => ({ timestamp_ms, metrics: { temperature: 20 + at / 50 } })),
    );
    return [await firstLoad(house), await drawnChart(house), await newPoint(house), await longTasks(house)];
  } finally {
    await house.close();
  }
}

/** Bytes on the wire from an empty cache until a person sees the overview and a chart. */
async function firstLoad(house: House): Promise<Row> {
  const { page, context } = await house.person('viewer');
  await openChart(page, house);
  const bytes = await page.evaluate(() =>
    performance
      .getEntries()
      .filter((entry) => entry instanceof PerformanceResourceTiming && !entry.name.includes('/v1/'))
      .reduce((sum, entry) => sum + (entry instanceof PerformanceResourceTiming ? entry.encodedBodySize : 0), 0),
  );
  await context.close();
  return bar(
    'the page: first load, overview and chart, compressed',
    `${(bytes / 1_000).toFixed(1)} kB`,
    bytes,
    150_000,
  );
}

/** By the browser's own clock, from the click to the frame after the chart was put in: whoever drives it is slower than that. */
const TIME_THE_CHART = `globalThis.chartDrawn = new Promise((resolve) => {
  let clicked_ms = 0;
  document.querySelector('button.primary').addEventListener('click', () => (clicked_ms = performance.now()));
  const observer = new MutationObserver(() => {
    if (document.querySelector('${CHART}') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - clicked_ms)));
  });
  observer.observe(document, { subtree: true, childList: true });
}), undefined`;

async function drawnChart(house: House): Promise<Row> {
  const taken_ms: number[] = [];
  for (let at = 0; at < SIGN_INS; at += 1) {
    const { page, context } = await house.visitor();
    await page.goto(`${house.url}/#/device/ahu-1`);
    await fillIn(page, house.credentials('viewer'));
    await page.evaluate(TIME_THE_CHART);
    await page.getByRole('button', { name: 'Sign in' }).click();
    taken_ms.push(await page.evaluate<number>('globalThis.chartDrawn'));
    await context.close();
  }
  const median_ms = percentile(taken_ms, 0.5);
  return bar(`the page: sign-in to drawn chart, P50 of ${String(SIGN_INS)}`, ms(median_ms), median_ms, 1_000);
}

async function newPoint(house: House): Promise<Row> {
  const { page, context } = await house.person('viewer');
  await openChart(page, house);
  let longest_ms = 0;
  for (let at = 0; at < POSTS; at += 1) {
    const value = 30 + at;
    await house.post('ahu-1', [{ timestamp_ms: Date.now(), metrics: { temperature: value } }]);
    const started_ms = performance.now();
    await page
      .getByText(`${String(value)} °C`)
      .first()
      .waitFor();
    longest_ms = Math.max(longest_ms, performance.now() - started_ms);
  }
  await context.close();
  const name = `the page: a posted point is on the chart, longest of ${String(POSTS)}`;
  return bar(name, ms(longest_ms), longest_ms, LEAST_MS + 1_000);
}

/** For the browser, whose entry types Node's do not know. */
const COUNT_LONG_TASKS = `new Promise((resolve) => {
  let long = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) if (duration > 100) long += 1;
  }).observe({ type: 'longtask' });
  setTimeout(() => resolve(long), ${String(WATCHED_MS)});
})`;

/** 200 devices of which some post all the while. */
async function longTasks(house: House): Promise<Row> {
  const tenant = UNITS_TENANT;
  const devices = await registerUnits(house);
  const past = minutesAgo(30);
  for (const device of devices) await send(house, device, past.map(pointAt), tenant);
  const { page, context } = await house.person('viewer', tenant);
  await page.getByText('unit-000').first().waitFor();
  const [found] = await Promise.all([page.evaluate<number>(COUNT_LONG_TASKS), keepPosting(house, devices, tenant)]);
  await context.close();
  return bar(
    `the page: long tasks over 100 ms in a minute, overview of ${String(DEVICES)} devices`,
    String(found),
    found,
    2,
  );
}

async function keepPosting(house: House, devices: readonly Registered[], tenant: number): Promise<void> {
  const until_ms = Date.now() + WATCHED_MS;
  for (let at = 0; Date.now() < until_ms; at += 1) {
    const device = devices[at % devices.length];
    if (device !== undefined) await send(house, device, [pointAt(Date.now())], tenant);
    await delay(100);
  }
}
