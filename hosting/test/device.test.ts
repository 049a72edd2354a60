/** One device as a person sees it: live, back through its history, and as a file. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { parse } from 'csv-parse/sync';
import type { BrowserContext, Page } from 'playwright-core';
import { seriousFaults } from './support/axe.ts';
import { House } from './support/house.ts';

describe('the device view', function () {
  this.timeout(60_000);
  let house: House;
  let context: BrowserContext;
  let page: Page;
  let started_ms: number;
  before(async function () {
    this.timeout(600_000);
    house = await House.open();
    // Not when the file is loaded: many other files may run before it.
    started_ms = Date.now();
    await house.post('ahu-1', history());
    ({ page, context } = await house.person('viewer'));
  });
  after(async () => {
    await context.close();
    await house.close();
  });

  /** Eight hours of a point a minute, with half an hour missing; the last 100 reach back behind that. */
  function history() {
    return Array.from({ length: 480 }, (_, ago) => ago)
      .filter((ago) => ago < 40 || ago >= 70)
      .map((ago) => ({
        timestamp_ms: started_ms - (ago + 1) * MINUTE_MS,
        metrics: { supply_temp_c: 20 + (ago % 7), fan_speed_pct: 50, occupied: ago % 60 < 30, mode: '=night' },
      }))
      .reverse();
  }

  const show = async (address: string) => {
    await page.goto(`${house.url}/#/${address}`);
    await page.reload();
    await page.locator('.chart canvas').waitFor();
  };
  const chart = () => page.getByRole('application', { name: 'Values of ahu-1' });
  /** The chart in words, as a screen reader gets it. */
  const inWords = (words: RegExp) =>
    page.locator('.chart + p').filter({ hasText: words }).waitFor({ state: 'attached' });
  const tile = (metric: string) => page.getByRole('listitem').filter({ has: page.getByText(metric, { exact: true }) });
  const allLoaded = () => page.getByText(/^loading \d/).waitFor({ state: 'detached' });
  const range = (name: string) => page.getByRole('group', { name: 'Time shown' }).getByRole('button', { name });
  const inAddress = (words: RegExp) => page.waitForURL(words);
  const centre = async () => {
    const { x, y, width, height } = (await chart().boundingBox()) ?? assert.fail('no chart');
    return { x: x + width / 2, y: y + height / 2, width };
  };

  it('shows the newest values, and a point within a second of being fresh', async () => {
    await show('device/ahu-1');
    await inWords(/^100 points.*supply_temp_c: 20 to 26 °C/);
    await tile('fan_speed_pct').getByText('50 %').waitFor();
    await page.getByText('ok', { exact: true }).waitFor();
    await page.waitForFunction(() => document.title.startsWith('ahu-1'));
    const asked = page.waitForResponse((response) => response.url().includes('/v1/telemetry/recent'));
    const fresh_ms = Math.max(2_000, Number((await (await asked).headerValue('x-fresh-for')) ?? 0) * 1_000);
    await house.post('ahu-1', [{ timestamp_ms: Date.now() - 500, metrics: { supply_temp_c: 33, mode: 'auto' } }]);
    await tile('supply_temp_c')
      .getByText('33 °C')
      .waitFor({ timeout: fresh_ms + 1_000 });
    await inWords(/supply_temp_c: 20 to 33 °C, newest 33 °C/);
    await tile('mode').getByText('auto').waitFor();
  });

  it('asks nothing but the last 100 points while it is live', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.waitForResponse((response) => response.url().includes('/v1/telemetry/recent'));
    await page.waitForResponse((response) => response.url().includes('/v1/telemetry/recent'));
    page.removeAllListeners('request');
    assert.deepEqual([...new Set(asked)], ['/v1/telemetry/recent']);
  });

  it('draws lines, and none where points are missing', async () => {
    await show('device/ahu-1?metrics=fan_speed_pct');
    await inWords(/100 points/);
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas');
      const over = document.querySelector<HTMLElement>('.chart .u-over');
      const context = canvas?.getContext('2d');
      if (!canvas || !over || !context) return null;
      const ratio = canvas.width / canvas.clientWidth;
      const [left, top] = [over.offsetLeft * ratio, over.offsetTop * ratio];
      const [width, height] = [over.clientWidth * ratio, over.clientHeight * ratio];
      /** Whether a column of the chart holds anything as colourful as a line. */
      const isDrawn = (part: number): boolean => {
        const { data } = context.getImageData(left + width * part, top, 3, height);
        for (let at = 0; at < data.length; at += 4) {
          const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
          if (Math.max(red, green, blue) - Math.min(red, green, blue) > 80) return true;
        }
        return false;
      };
      return Array.from({ length: 25 }, (_, at) => isDrawn(0.02 + at * 0.04 - 0.01));
    });
    assert.ok(colours !== null);
    const first = colours.indexOf(false, colours.indexOf(true));
    assert.ok(colours.includes(true) && first > 0, 'drawn, then a gap');
    assert.ok(colours.indexOf(true, first) > first + 2, 'and drawn again after it');
  });

  it('goes back through history by buttons, keys, mouse and wheel, and returns', async () => {
    await show('device/ahu-1');
    await range('Hour').click();
    await inAddress(/range=hour/);
    await page.getByRole('button', { name: 'Earlier' }).click();
    await inAddress(/range=\d+-\d+/);
    await chart().focus();
    const steps = page.waitForResponse((response) => response.url().includes('/v1/telemetry/window'));
    for (let times = 0; times < 4; times++) await page.keyboard.press('Shift+ArrowLeft');
    await steps;
    await inWords(/^(59|60|61) points/);
    await page.keyboard.press('+');
    await inWords(/^(39|40|41) points/);
    await page.keyboard.press('End');
    await inAddress(/range=live/);
    await inWords(/^100 points/);
    const { x, y, width } = await centre();
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, 300);
    await inWords(/^1[0-9]{2} points/);
    await page.mouse.down();
    await page.mouse.move(x + width / 3, y, { steps: 4 });
    await page.mouse.up();
    await inAddress(/range=\d+-\d+/);
    await page.mouse.dblclick(x, y);
    await range('Live').and(page.locator('[aria-pressed=true]')).waitFor();
  });

  it('lets the server aggregate long ranges in stretches that everybody shares, and keeps them', async () => {
    await show('device/ahu-1');
    const asked: URL[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname === '/v1/telemetry/window') asked.push(url);
    });
    await range('Week').click();
    await inWords(/^1[5-9] points/);
    await allLoaded();
    await page.getByLabel(/of 30 min/).selectOption('Highest');
    await inWords(/supply_temp_c: \d+ to 33 °C/);
    await allLoaded();
    await page.getByLabel(/of 30 min/).selectOption('Average');
    await page.getByText(/^\d+ × average of 30 min$/).waitFor();
    await allLoaded();
    page.removeAllListeners('request');
    const names = asked.map(({ search }) => search);
    assert.deepEqual(names, [...new Set(names)], 'nothing is asked for twice');
    // A week touches eight days, for each of the two; the newest points may tell of the last by themselves.
    assert.ok(names.length === 16 || names.length === 14, String(names.length));
    for (const { searchParams } of asked) {
      assert.equal(Number(searchParams.get('start_ms')) % DAY_MS, 0);
      assert.equal(searchParams.get('interval_ms'), String(HOUR_MS / 2));
    }
  });

  it('ends a drag that is let go elsewhere, even when the chart was made anew meanwhile', async () => {
    await show('device/ahu-1?range=hour');
    const { x, y, width } = await centre();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + width / 6, y, { steps: 3 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.mouse.move(x + width / 4, y, { steps: 2 });
    await page.mouse.move(x, 5);
    await page.mouse.up();
    await inAddress(/range=\d+-\d+/);
    const shown = () => page.locator('.readout [title*=" to "]').getAttribute('title');
    const before = await shown();
    await page.mouse.move(x + width / 8, y, { steps: 3 });
    await page.mouse.move(x, 5);
    assert.equal(await shown(), before);
    await page.emulateMedia({ colorScheme: null });
  });

  it('goes back to the newest points of a device that has been silent for days', async () => {
    const old_ms = started_ms - 3 * DAY_MS;
    await house.post('meter-main', [{ timestamp_ms: old_ms, metrics: { supply_temp_c: 18 } }]);
    await show('device/meter-main?range=hour');
    await page.getByRole('button', { name: 'Back to the newest' }).click();
    await page
      .locator('.chart + p')
      .filter({ hasText: /^1 point / })
      .waitFor({ state: 'attached' });
  });

  it('gives no file before all of its time has come', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/v1/telemetry/window*', async (route) => {
      await held;
      await route.continue();
    });
    await show('device/ahu-1?range=day');
    const button = page.getByRole('button', { name: 'Export CSV' });
    await button.and(page.locator('[aria-disabled=true]')).waitFor();
    release();
    await button.and(page.locator('[aria-disabled=false]')).waitFor();
    await page.unroute('**/v1/telemetry/window*');
  });

  it('leaves the focus on a button that has nothing left to do', async () => {
    await show('device/ahu-1?range=hour');
    await page.getByRole('button', { name: 'Earlier' }).click();
    const later = page.getByRole('button', { name: 'Later' });
    await later.focus();
    await page.keyboard.press('Enter');
    await later.and(page.locator('[aria-disabled=true]')).waitFor();
    await later.and(page.locator(':focus')).waitFor();
  });

  it('follows its height, and the colours that are chosen', async () => {
    await show('device/ahu-1');
    await inWords(/^100 points/);
    await chart().evaluate((element) => (element.style.height = '222px'));
    await page.waitForFunction(() => document.querySelector('.chart canvas')?.clientHeight === 222);
    /** The figures below the lines are light on dark, or dark on light. */
    const becomes = (is_dark: boolean) =>
      page.waitForFunction((wanted) => {
        const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas');
        const { data } = canvas?.getContext('2d')?.getImageData(0, canvas.height - 20, canvas.width, 20) ?? {
          data: [],
        };
        const seen = [...data].flatMap((red, at) => (at % 4 === 0 && data[at + 3] === 255 ? [red] : []));
        return seen.length > 0 && seen.every((red) => (wanted ? red > 100 : red < 160));
      }, is_dark);
    await becomes(false);
    await page.getByText('viewer').first().click();
    await page.getByRole('radio', { name: 'dark' }).check();
    await becomes(true);
    await page.getByRole('radio', { name: 'auto' }).check();
    await becomes(false);
  });

  it('tells the values under the pointer, with the time here and in UTC', async () => {
    await show('device/ahu-1');
    const { x, y } = await centre();
    await page.mouse.move(x + 200, y);
    const readout = page.locator('.readout');
    await readout.getByText(/UTC$/).waitFor();
    await readout.filter({ hasText: /fan_speed_pct\s*50 %/ }).waitFor();
    await readout.filter({ hasText: /mode\s*=night/ }).waitFor();
  });

  it('switches metrics off and on, and the address keeps it', async () => {
    await show('device/ahu-1');
    const button = tile('occupied').getByRole('button');
    await button.and(page.locator('[aria-pressed=true]')).click();
    await inAddress(/metrics=/);
    await page.reload();
    await button.and(page.locator('[aria-pressed=false]')).waitFor();
  });

  it('gives a file that is safe to open', async () => {
    await show('device/ahu-1');
    await inWords(/^100 points/);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const file = await saved;
    assert.match(file.suggestedFilename(), /^ahu-1_\d{8}T\d{6}Z_\d{8}T\d{6}Z\.csv$/);
    const rows: string[][] = parse(await readFile(await file.path()), { bom: true });
    assert.deepEqual(rows[0], [
      'time_utc',
      'timestamp_ms',
      'fan_speed_pct [%]',
      'mode',
      'occupied',
      'supply_temp_c [°C]',
    ]);
    assert.equal(rows.length, 101);
    assert.deepEqual([rows[1]?.[2], rows[1]?.[3]], ['50', "'=night"]);
    assert.equal(new Date(Number(rows[1]?.[1])).toISOString(), rows[1]?.[0]);
  });

  it('shows the same as a table', async () => {
    await page.getByText('Values as a table').click();
    await page.getByRole('row').nth(100).waitFor({ state: 'attached' });
    assert.equal(await page.getByRole('row').count(), 101);
    assert.deepEqual(await seriousFaults(page), []);
  });

  it('says what to do where there is nothing', async () => {
    await page.goto(`${house.url}/#/device/room-101`);
    await page.getByText('No points yet').waitFor();
    await page.getByText('"device_id":"room-101"').waitFor();
    await house.post('room-101', [{ timestamp_ms: Date.now() - 1_000, metrics: { co2: 512 } }]);
    await tile('co2').getByText('512 ppm').waitFor();
    await page.goto(`${house.url}/#/device/nobody`);
    await page.getByText(/^There is no device .*nobody/).waitFor();
    await page.goto(`${house.url}/#/device/ahu-1?range=${started_ms - 3 * DAY_MS}-${started_ms - 2 * DAY_MS}`);
    await page.getByText('No points in this time.').waitFor();
    await page.getByRole('button', { name: 'Later to the newest' }).click();
    await inWords(/^\d+ points/);
  });

  it('goes on after the server was away', async () => {
    await show('device/ahu-1');
    await house.restart(async () => {
      await page.getByText('Trying again in').waitFor();
    });
    await page.getByText('Trying again in').waitFor({ state: 'detached' });
    await house.post('ahu-1', [{ timestamp_ms: Date.now() - 500, metrics: { supply_temp_c: 44 } }]);
    await tile('supply_temp_c').getByText('44 °C').waitFor();
  });
});
