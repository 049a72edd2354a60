/** The overview of a large building: what is asked for, what is seen at a glance, and what stays where it is. */
import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import type { Page } from 'playwright-core';
import { House, signIn } from './support/house.ts';
import { register, send, type Registered } from './support/many.ts';

const DEVICES = 200;
const LONG = 'Variable air volume box of the large conference room on the second floor, north side';

interface Asked {
  readonly device_ids: readonly string[];
}

/** What the page asks for from now on. */
function listen(page: Page): Asked[] {
  const asked: Asked[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith('/latest')) asked.push({ device_ids: searchParams.get('device_ids')?.split(',') ?? [] });
  });
  return asked;
}

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const chip = (page: Page, words: string) => page.getByRole('button', { name: words, exact: true });
const names = (page: Page): Promise<string[]> => page.locator('.device-name').allTextContents();

/** Of the rows that are on screen, by their links. */
function idsOnScreen(page: Page): Promise<readonly string[]> {
  return page.locator('.device').evaluateAll((rows) =>
    rows.flatMap((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      const id = one.querySelector('a')?.hash.split('/').at(-1);
      return id !== undefined && bottom > 0 && top < innerHeight ? [decodeURIComponent(id)] : [];
    }),
  );
}

describe('the overview of a tenant', function () {
  this.timeout(60_000);
  let house: House;
  let boxes: readonly Registered[];

  before(async function () {
    this.timeout(600_000); // a machine without a browser gets one
    house = await House.open();
    const wanted = Array.from({ length: DEVICES - 3 }, (_, n) => ({
      device_id: `vav-${n + 1}`,
      name: n === 150 ? LONG : `VAV box ${n + 1}`,
      tags: n % 50 === 0 ? { floor: 'attic', 'unit.flow': 'l/s' } : {},
      disabled: n === 6,
    }));
    boxes = await register(house, wanted);
    const now_ms = Date.now();
    const course = (age_ms: number) =>
      Array.from({ length: 30 }, (_, n) => ({
        timestamp_ms: now_ms - age_ms - n * MINUTE_MS,
        metrics: { flow: 300 + n, mode: 'auto', on: true, temperature: 21.5, zone_pct: 40 },
      }));
    const ages_ms = [0, 5 * MINUTE_MS, 30 * MINUTE_MS];
    await Promise.all(ages_ms.map((age_ms, n) => send(house, boxOf(n + 1), course(age_ms))));
  });
  after(() => house.close());

  function boxOf(n: number): Registered {
    return boxes[n - 1] ?? assert.fail('no such device');
  }

  it('shows newest values with their units, the age in both zones and a line of what was', async () => {
    const { page, context } = await house.person('viewer', 0, { timezoneId: 'Asia/Tokyo' });
    const first = row(page, 'VAV box 1');
    await first.getByText('300 l/s', { exact: true }).waitFor();
    await first.getByText('21.5 °C').waitFor();
    await first.getByText('+2').waitFor();
    assert.match((await first.locator('time').getAttribute('title')) ?? '', /here, \d{4}-.* UTC$/);
    await first.getByRole('img', { name: 'flow, 300 l/s to 329 l/s in 29 min' }).waitFor();
    await first.getByText('ok', { exact: true }).waitFor();
    await row(page, 'VAV box 2').getByText('late', { exact: true }).waitFor();
    await row(page, 'VAV box 3').getByText('silent', { exact: true }).waitFor();
    await row(page, 'VAV box 7').getByText('disabled', { exact: true }).waitFor();
    await context.close();
  });

  it('asks for the rows on screen alone, and again when others have come to rest there', async () => {
    const { page, context } = await house.visitor();
    const asked = listen(page);
    await signIn(page, house.credentials('viewer'));
    await row(page, 'VAV box 1').getByText('300 l/s', { exact: true }).waitFor();
    assert.deepEqual(asked[0]?.device_ids, (await idsOnScreen(page)).toSorted());
    const before = asked.length;
    await page.mouse.move(640, 400);
    for (let turn = 0; turn < 10; turn += 1) await page.mouse.wheel(0, 300);
    await page.waitForFunction(() => scrollY >= 3_000);
    const there = await idsOnScreen(page);
    while (asked.at(-1)?.device_ids.join() !== there.toSorted().join()) await page.waitForRequest(/latest/);
    assert.ok(asked.length - before <= 4, `${asked.length - before} questions for one way down`);
    assert.ok(asked.every(({ device_ids }) => device_ids.length <= 20));
    await page.mouse.wheel(0, -9_000);
    await row(page, 'VAV box 1').getByText('300 l/s', { exact: true }).waitFor();
    await context.close();
  });

  it('shows a posted point without being asked, and grows older by itself', async () => {
    const { page, context } = await house.person('viewer');
    await row(page, 'VAV box 4').getByText('No points yet').waitFor();
    const timestamp_ms = Date.now();
    await send(house, boxOf(4), [{ timestamp_ms, metrics: { flow: 77 } }]);
    const posted_ms = performance.now();
    await row(page, 'VAV box 4').getByText('77', { exact: true }).waitFor();
    assert.ok(performance.now() - posted_ms < 2 * SECOND_MS + 1_000);
    await row(page, 'VAV box 4').getByText('4 s ago').waitFor();
    await context.close();
  });

  it('finds by name, id and tag, says so when nothing fits, and leads to the device and back', async () => {
    const { page, context } = await house.person('viewer');
    await row(page, 'VAV box 1').waitFor();
    await page.getByLabel('Search').fill('ATTIC vav');
    await page.waitForFunction(() => document.querySelectorAll('.device').length === 4);
    assert.equal((await names(page)).join(), `${LONG},VAV box 1,VAV box 51,VAV box 101`);
    await row(page, 'VAV box 51').click({ position: { x: 500, y: 20 } });
    await page.waitForURL(/#\/device\/vav-51$/);
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll('.device').length === 4);
    await page.getByLabel('Search').fill('nowhere');
    await page.getByText('No device fits “nowhere”').waitFor();
    await page.getByRole('button', { name: 'Show all devices' }).click();
    await row(page, 'VAV box 1').waitFor();
    await context.close();
  });

  it('says of how many it knows the status, and looks at the others when somebody asks for one', async () => {
    const { page, context } = await house.person('viewer');
    await page.getByText(/^of \d\d? seen$/).waitFor();
    await chip(page, '1 late').click();
    await page.getByText(/^of \d+ seen$/).waitFor({ state: 'detached' });
    assert.deepEqual(await names(page), ['VAV box 2']);
    await chip(page, '1 late').click();
    await page.getByRole('button', { name: 'Status' }).click();
    await page.getByRole('columnheader', { name: 'Status' }).and(page.locator('[aria-sort=ascending]')).waitFor();
    await page.waitForFunction(() => document.querySelector('.device')?.textContent.includes('silent'));
    assert.equal((await names(page)).at(-1), 'VAV box 7');
    await context.close();
  });

  it('moves no row under a pointer', async () => {
    const { page, context } = await house.person('viewer');
    await row(page, 'VAV box 1').getByText('300 l/s', { exact: true }).waitFor();
    await page.getByLabel('Search').fill('vav-5');
    await page.getByRole('button', { name: 'Status' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.device svg').length === 0);
    await row(page, 'VAV box 5').getByText('silent', { exact: true }).waitFor();
    await row(page, 'VAV box 5').hover();
    const before = await names(page);
    await send(house, boxOf(5), [{ timestamp_ms: Date.now(), metrics: { flow: 55 } }]);
    await row(page, 'VAV box 5').getByText('ok', { exact: true }).waitFor();
    // Long enough for the order to have been made anew.
    await row(page, 'VAV box 5')
      .getByText(/^[5-9] s ago$/)
      .waitFor();
    assert.deepEqual(await names(page), before);
    await page.mouse.move(5, 5);
    await page.waitForFunction(() => document.querySelector('.device-name')?.textContent !== 'VAV box 5');
    assert.equal((await names(page)).at(-1), 'VAV box 5');
    await context.close();
  });

  it('says that the list failed, and gets it when asked to try again', async () => {
    const { page, context } = await house.visitor();
    const list = '**/v1/telemetry/devices?*';
    const problem = { code: 'role_required', title: 'No.', status: 403 };
    await page.route(list, (route) => route.fulfill({ status: 403, json: problem }));
    await signIn(page, house.credentials('viewer'));
    await page.getByText('The list of devices could not be loaded.').waitFor();
    await page.unroute(list);
    await page.getByRole('button', { name: 'Try again' }).click();
    await row(page, 'VAV box 1').waitFor();
    await context.close();
  });

  it('fits a phone: nothing is wider than the screen', async () => {
    const { page, context } = await house.person('viewer', 0, { viewport: { width: 390, height: 844 } });
    await row(page, 'VAV box 1').getByText('300 l/s', { exact: true }).waitFor();
    await page.getByLabel('Search').fill('attic');
    await row(page, LONG).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await context.close();
  });
});
