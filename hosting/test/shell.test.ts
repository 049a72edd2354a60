/** What a person meets before and around every view: signing in, being signed out, and a server that goes away. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { MINUTE_MS } from '@bas/core/clock';
import { expireSessions } from '../../functions/test/support/old-sessions.ts';
import { House, signIn } from './support/house.ts';
import { register } from './support/many.ts';

describe('the page', function () {
  this.timeout(60_000);
  let house: House;
  before(async function () {
    this.timeout(600_000); // a machine without a browser gets one
    house = await House.open();
  });
  after(() => house.close());

  it('signs a person in and out, and says until when the session lasts', async () => {
    const { page, context } = await house.person('viewer');
    await page.getByText('viewer', { exact: true }).click();
    await page.getByText(/^Session until \d.*without use until \d/).waitFor();
    assert.deepEqual(
      (await context.cookies()).map(({ name, httpOnly, secure }) => [name, httpOnly, secure]),
      [['__session', true, true]],
    );
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.equal(await page.getByLabel('Tenant').inputValue(), 'acme');
    await context.close();
  });

  it('shows each role its own views, and keeps the place over a reload', async () => {
    const menu = async (role: 'viewer' | 'admin' | 'platform_admin') => {
      const { page, context } = await house.person(role);
      const names = await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allInnerTexts();
      await page.goto(`${house.url}/#/account`);
      await page.reload();
      await page.getByRole('link', { name: 'Account', exact: true }).and(page.locator('[aria-current=page]')).waitFor();
      await context.close();
      return names;
    };
    assert.deepEqual(await menu('viewer'), ['Overview', 'Account']);
    const admin = await menu('admin');
    assert.deepEqual([admin.includes('Users'), admin.includes('Cutover')], [true, false]);
    assert.ok((await menu('platform_admin')).includes('Cutover'));
  });

  it('says what is wrong with a sign-in, and counts down while trying is no use', async () => {
    const { page, context } = await house.visitor();
    const wrong = { ...house.credentials('viewer', 1), password: 'not the password' };
    const button = page.getByRole('button', { name: 'Sign in' });
    await page.getByLabel('Tenant').fill(wrong.tenant_id);
    await page.getByLabel('User', { exact: true }).fill(wrong.username);
    await page.getByLabel('Password').fill(wrong.password);
    for (let tries = 0; tries < 5; tries++) {
      await button.click();
      await page.getByRole('alert').getByText('do not fit together').waitFor();
      await page.getByRole('button', { name: 'Sign in', disabled: false }).waitFor();
    }
    await button.click();
    await page.getByText(/Try again in 0:[0-3]\d/).waitFor();
    await page.getByRole('button', { name: 'Sign in', disabled: true }).waitFor();
    await context.close();
  });

  it('leads an expired session back to where it was', async () => {
    const { page, context } = await house.person('viewer');
    await page.goto(`${house.url}/#/account`);
    await house.restart(() => expireSessions(join(house.folder, 'bas.sqlite')));
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await signIn(page, house.credentials('viewer'));
    await page.getByRole('link', { name: 'Account', exact: true }).and(page.locator('[aria-current=page]')).waitFor();
    await context.close();
  });

  it('tells of an ended session at once, without a reload', async () => {
    const { page, context } = await house.person('viewer');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await context.clearCookies();
    await page.getByText('Your session has ended.').waitFor();
    await context.close();
  });

  it('warns before a session that nobody uses ends, and keeps it when asked to', async () => {
    const { page, context } = await house.visitor();
    let near = true;
    await page.route('**/v1/{login,session}', async (route) => {
      const response = await route.fetch();
      const session = (await response.json()) as { idle_expires_ms: number };
      const idle_expires_ms = near ? Date.now() + 2 * MINUTE_MS : session.idle_expires_ms;
      await route.fulfill({ response, json: { ...session, idle_expires_ms } });
    });
    await signIn(page, house.credentials('viewer'));
    await page.getByText(/you will be signed out soon\. [12]:\d\d left/).waitFor();
    near = false;
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await page.getByText(/you will be signed out/).waitFor({ state: 'detached' });
    await context.close();
  });

  it('waits calmly for a server that is away, and goes on by itself when it is back', async () => {
    const { page, context } = await house.person('viewer');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await house.restart(async () => {
      await page.getByText(/The server cannot be reached\. Trying again in 0:\d\d/).waitFor();
    });
    await page.getByText('The server cannot be reached.').waitFor({ state: 'detached' });
    await context.close();
  });

  it('keeps two tenants apart, side by side and in one browser', async () => {
    const [acme, globex] = [await house.person('viewer', 0), await house.person('operator', 1)];
    await acme.page.getByText('ahu-1').first().waitFor();
    await globex.page.getByText('chiller-1').first().waitFor();
    assert.equal(await globex.page.getByText('ahu-1').count(), 0);
    // The first tab asks nothing between the two sessions: there it would only learn that its own has ended.
    const signedIn = Promise.withResolvers<null>();
    await acme.page.route('**/v1/**', (route) => signedIn.promise.then(() => route.continue()));
    const tab = await acme.context.newPage();
    await tab.goto(house.url);
    await tab.getByText('viewer', { exact: true }).click();
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Sign in' }).waitFor();
    await signIn(tab, house.credentials('operator', 1));
    await tab.getByRole('heading', { name: 'Overview' }).waitFor();
    signedIn.resolve(null);
    await acme.page.getByText('This browser is signed in to another tenant').waitFor();
    await Promise.all([acme.context.close(), globex.context.close()]);
  });

  it('forgets all of one tenant when the next one signs in in the same tab', async () => {
    await register(house, [{ device_id: 'ahu-1', name: 'The other one' }], 1);
    const { page, context } = await house.person('viewer', 0);
    await page.getByText('Air handling unit 1').click();
    await page.getByRole('heading', { name: 'Air handling unit 1' }).waitFor();
    await page.getByText('viewer', { exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, house.credentials('operator', 1));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.evaluate("location.hash = '#/device/ahu-1'");
    await page.getByRole('heading', { name: 'The other one' }).waitFor();
    await context.close();
  });

  it('is left for its content, not for another view, by the skip link', async () => {
    const { page, context } = await house.person('viewer');
    await page.goto(`${house.url}/#/device/ahu-1`);
    await page.getByRole('heading', { name: 'Air handling unit 1' }).waitFor();
    await page.getByRole('link', { name: 'Skip to the content' }).focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    assert.equal(new URL(page.url()).hash, '#/device/ahu-1');
    await context.close();
  });
});
