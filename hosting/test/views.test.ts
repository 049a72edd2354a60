/** Every view as people see it: wide and narrow, light and dark; looked at by axe, and kept as pictures. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '@bas/core/model/role';
import type { Page } from 'playwright-core';
import { pageSourceDir } from '../../scripts/lib/paths.ts';
import { seriousFaults } from './support/axe.ts';
import { House, signIn } from './support/house.ts';

const WIDTHS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const SCHEMES = ['light', 'dark'] as const;

/** An export waits until all of its time has come. */
const LOADED = 'button:text("Export CSV"):not([aria-disabled=true])';

/** Where each view is, who sees it, and what is there once it has loaded. */
const VIEWS: readonly { name: string; role: Role; address: string; ready: string }[] = [
  { name: 'overview', role: 'admin', address: '#/overview', ready: '.device-spark svg' },
  { name: 'device', role: 'admin', address: '#/device/ahu-1', ready: '.chart canvas' },
  { name: 'device-week', role: 'admin', address: '#/device/room-101?range=week', ready: LOADED },
  { name: 'device-unknown', role: 'admin', address: '#/device/nothing', ready: 'text=There is no device' },
  { name: 'devices', role: 'admin', address: '#/devices', ready: 'text=meter-main' },
  { name: 'users', role: 'admin', address: '#/users', ready: 'text=operator' },
  { name: 'audit', role: 'admin', address: '#/audit', ready: 'tbody >> text=auth.login' },
  { name: 'usage', role: 'admin', address: '#/usage', ready: 'main h1' },
  { name: 'account', role: 'admin', address: '#/account', ready: 'main h1' },
  { name: 'cutover', role: 'platform_admin', address: '#/cutover', ready: 'main h1' },
];
const pictures = join(pageSourceDir, 'screenshots');

describe('every view', function () {
  this.timeout(120_000);
  let house: House;
  before(async function () {
    this.timeout(600_000);
    mkdirSync(pictures, { recursive: true });
    house = await House.open({}, { simulation: true });
  });
  after(() => house.close());

  for (const [width, viewport] of Object.entries(WIDTHS)) {
    for (const colorScheme of SCHEMES) {
      it(`fits a ${width} in ${colorScheme} and has no serious fault`, async () => {
        const found: string[] = [];
        const look = async (page: Page, name: string) => {
          await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`) });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          if (overflow > 0) found.push(`${name}: ${String(overflow)} px too wide`);
          found.push(...(await seriousFaults(page)).map((fault) => `${name}: ${fault}`));
        };
        const { page, context } = await house.visitor({ viewport, colorScheme });
        await page.getByRole('button', { name: 'Sign in' }).waitFor();
        await look(page, 'sign-in');
        let role: Role | null = null;
        for (const view of VIEWS) {
          if (role !== view.role) {
            await context.clearCookies();
            await page.goto(house.url);
            await signIn(page, house.credentials(view.role));
            role = view.role;
          }
          await page.goto(`${house.url}/${view.address}`);
          await page.locator(view.ready).first().waitFor();
          await page.waitForLoadState('networkidle');
          await look(page, view.name);
        }
        await context.close();
        assert.deepEqual(found, []);
      });
    }
  }
});
