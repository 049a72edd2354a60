/** What operators and administrators do on the page: devices and keys, users, their own account, the log and the usage. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { seriousFaults } from './support/axe.ts';
import { House, signIn } from './support/house.ts';

const run = promisify(execFile);

describe('operating from the page', function () {
  this.timeout(60_000);
  let house: House;
  before(async () => void (house = await House.open()));
  after(() => house.close());

  async function person(role: 'operator' | 'admin' | 'viewer', view: string) {
    const { page, context } = await house.person(role);
    await page.goto(`${house.url}/#/${view}`);
    const dialog = page.getByRole('dialog').last();
    return { page, context, dialog, press: (name: string) => page.getByRole('button', { name, exact: true }).click() };
  }

  /** The key that a dialog shows, and the call that posts with it. */
  async function shown(dialog: Locator): Promise<{ readonly key: string; readonly call: string }> {
    const key = await dialog.getByRole('region', { name: 'Key' }).locator('pre').innerText();
    const call = await dialog
      .getByRole('region', { name: /^A first point/ })
      .locator('pre')
      .innerText();
    return { key, call };
  }

  /** The questions from now on to exactly this path. */
  function asked(page: Page, path: string): readonly string[] {
    const urls: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === path && request.method() === 'GET') urls.push(request.url());
    });
    return urls;
  }

  /** The next question to `path`, asked of the server at once and answered to the page when the test says so. */
  function held(page: Page, path: string) {
    const gate = Promise.withResolvers<null>();
    const seen = Promise.withResolvers<null>();
    const given = page.route(
      path,
      async (route) => {
        const response = await route.fetch();
        seen.resolve(null);
        await gate.promise;
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    return {
      asked: given.then(() => seen.promise),
      async answer(): Promise<void> {
        const answered = page.waitForResponse(path);
        gate.resolve(null);
        await answered;
      },
    };
  }

  const posted = async (call: string): Promise<string> => (await run('sh', ['-c', call])).stdout;

  it('registers a device, shows its key once, and hands over a call that works', async () => {
    const { page, context, dialog, press } = await person('operator', 'devices');
    await press('Register a device');
    await dialog.getByLabel(/^Id/).fill('pump-7');
    await dialog.getByLabel('Tags').fill('floor');
    await press('Register');
    await dialog.getByRole('alert').getByText('“floor” is no key=value.').waitFor();
    await dialog.getByLabel('Tags').fill('floor=2\nunit.flow=l/s');
    assert.deepEqual(await seriousFaults(page), []);
    await press('Register');
    await dialog.getByText('It is shown this once').waitFor();
    const { key, call } = await shown(dialog);
    assert.match(await posted(call), /"accepted":1/);
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Escape');
    assert.equal((await shown(dialog)).key, key, 'a slip of the hand does not lose it');
    await press('I have stored it');
    await page.getByRole('row', { name: /pump-7.*floor=2.*minute/ }).waitFor();
    assert.ok(!(await page.content()).includes(key));
    await press('Register a device');
    await dialog.getByLabel(/^Id/).fill('pump-7');
    await press('Register');
    await dialog.getByRole('alert').getByText('A device with this id is registered').waitFor();
    await context.close();
  });

  it('sends of a device only what was changed, and gives the focus back', async () => {
    const { page, context, dialog, press } = await person('operator', 'devices');
    const lists = asked(page, '/v1/telemetry/devices');
    await press('Change room-101');
    await dialog.getByLabel('Name').fill('Board room');
    const sent = page.waitForRequest((request) => request.method() === 'PATCH');
    await press('Save');
    assert.deepEqual((await sent).postDataJSON(), { name: 'Board room' });
    await page.getByRole('link', { name: 'Board room' }).waitFor();
    await page.locator('[aria-label="Change room-101"]:focus').waitFor();
    await page.getByLabel('Search in the devices shown').fill('no such');
    await page.getByText('Nothing here matches').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.locator('.device-name', { hasText: 'Board room' }).waitFor();
    assert.deepEqual(lists, [], 'no device is read again for it');
    await context.close();
  });

  it('changes a key without a gap, and never leaves more than two', async () => {
    const { page, context, dialog, press } = await person('operator', 'devices');
    const old = house.demo.tenants[0]?.devices.find(({ device_id }) => device_id === 'meter-main')?.key ?? '';
    await press('Keys of meter-main');
    await press('Issue a second key');
    await dialog.getByText('It is shown this once').waitFor();
    const { call, key } = await shown(dialog);
    // A look at the keys that is under way when one of them is revoked.
    const look = held(page, '**/v1/devices/meter-main');
    await press('I have stored it');
    await dialog.getByText('A device has at most two live keys').waitFor();
    await look.asked;
    assert.match(await posted(call), /"accepted":1/);
    assert.deepEqual(await seriousFaults(page), []);
    await press(`Revoke key ${old.slice(4, 12)}…`);
    await dialog.getByText('Whatever posts as Main meter').waitFor();
    await press('Revoke it');
    await page.getByRole('button', { name: 'Issue a second key' }).waitFor();
    await look.answer();
    assert.equal(await dialog.getByRole('button', { name: /^Revoke key/ }).count(), 1, 'it does not come back');
    assert.match(await posted(call.replace(key, old)), /"code":"unauthenticated"/);
    assert.match(await posted(call), /"accepted":[01]/);
    await context.close();
  });

  it('shows a long list by the page', async () => {
    const { page, context, dialog, press } = await person('operator', 'devices');
    await page.evaluate(async () => {
      const headers = { 'X-BAS-Tenant': 'acme', 'Content-Type': 'application/json' };
      for (let n = 0; n < 55; n++) {
        const body = JSON.stringify({ device_id: `zone-${String(n).padStart(2, '0')}` });
        await fetch('/v1/devices', { method: 'POST', headers, body });
      }
    });
    await page.reload();
    await page.getByText('50 devices shown; there are more.').waitFor();
    await press('Register a device');
    await dialog.getByLabel(/^Id/).fill('zone-53-b');
    await press('Register');
    await press('I have stored it');
    await page.getByText('51 devices shown; there are more.').waitFor();
    await page.getByRole('button', { name: 'Show more' }).focus();
    await page.keyboard.press('Enter');
    await page.locator(':focus', { hasText: /^\d+ devices shown\.$/ }).waitFor();
    const ids = await page.getByRole('row').getByRole('link').allInnerTexts();
    assert.deepEqual(ids.slice(-3), ['zone-53', 'zone-53-b', 'zone-54'], 'each once, in its place');
    await context.close();
  });

  it('keeps users: creates one, changes the role, which signs them out, and disables them', async () => {
    const { page, context, dialog, press } = await person('admin', 'users');
    await press('Create a user');
    await dialog.getByLabel(/^User/).fill('Ada@example.com');
    await press('Make one up');
    const password = await dialog.getByLabel(/^Password/).inputValue();
    await dialog.getByLabel(/^operator/).check();
    assert.deepEqual(await seriousFaults(page), []);
    await press('Create');
    await page.getByRole('row', { name: /ada@example\.com operator/ }).waitFor();

    const ada = await house.visitor();
    await signIn(ada.page, { tenant_id: 'acme', username: 'ada@example.com', password });
    await press('Role of ada@example.com');
    await dialog.getByLabel(/^viewer/).check();
    await press('Make them viewer');
    await page.getByRole('row', { name: /ada@example\.com viewer/ }).waitFor();
    await ada.page.goto(`${house.url}/#/account`);
    await ada.page.getByText('Your session has ended.').waitFor();
    await ada.context.close();

    await press('Disable ada@example.com');
    await press('Disable');
    await page.getByRole('row', { name: /ada@example\.com disabled/ }).waitFor();
    await press('Disable admin');
    await dialog.getByText('This is you.').waitFor();
    assert.ok(await dialog.getByRole('button', { name: 'Disable', exact: true }).isDisabled());
    await context.close();
  });

  it('changes the password of whoever knows it, which ends their other sessions', async () => {
    const { page, context, press } = await person('viewer', 'account');
    const other = await house.person('viewer');
    const { password } = house.credentials('viewer');
    const type = async (current: string, fresh: string, again: string): Promise<void> => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel(/^New password(?! again)/).fill(fresh);
      await page.getByLabel('New password again').fill(again);
    };
    await type(password, 'too short', 'too short');
    await page.getByText('At least 12 characters: 3 more.').waitFor();
    await type('not the password', 'four words in a row', 'four words in a row');
    await press('Change the password');
    await page.getByRole('alert').getByText('The current password is not right.').waitFor();
    await type(password, 'four words in a row', 'four words in a row');
    await press('Change the password');
    await page.getByText('Your password is changed.').waitFor();
    await page.getByText('1 sessions shown.').waitFor();
    await other.page.goto(`${house.url}/#/account`);
    await other.page.getByText('Your session has ended.').waitFor();
    await other.context.close();
    await press('Sign out');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await context.close();
  });

  it('reads the audit log by user, action and time, and opens what it tells', async () => {
    const { page, context } = await person('admin', 'audit');
    await page.evaluate(async () => {
      const headers = { 'X-BAS-Tenant': 'acme', 'Content-Type': 'application/json' };
      await fetch('/v1/devices/ahu-1', { method: 'PATCH', headers, body: '{"tags":{"floor":"2"}}' });
    });
    await page.getByLabel(/^User/).selectOption('admin');
    await page.getByLabel(/^Action/).selectOption('device.update');
    const [row] = await onlyRows(page, 1);
    assert.match(row ?? '', /device\.update success admin ahu-1/);
    await page
      .getByRole('row', { name: /device\.update/ })
      .getByRole('button', { expanded: false })
      .click();
    await page.getByRole('definition').getByText('127.0.0.1').waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.reload();
    await onlyRows(page, 1);
    await page.getByLabel(/^Action/).selectOption('key.revoke');
    await page.getByText('Nothing of the kind').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page
      .getByRole('row', { name: /auth\.login/ })
      .first()
      .waitFor();
    const users = asked(page, '/v1/users');
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('heading', { name: 'Your sessions' }).waitFor();
    await page.getByRole('link', { name: 'Audit', exact: true }).click();
    await page
      .getByRole('row', { name: /success admin/ })
      .first()
      .waitFor();
    assert.deepEqual(users, [], 'names are known');
    const events = asked(page, '/v1/audit');
    await page.getByLabel(/^From/).fill('2001-01-01T00:00');
    await page.getByText(/^200[01]-.* UTC$/).waitFor();
    await page.getByLabel(/^From/).fill('2002-01-01T00:00');
    await page.getByLabel(/^To/).fill('2000-01-01T00:00');
    await page.getByLabel(/^To/).blur();
    await page.getByText('The end is before the beginning.').waitFor();
    assert.deepEqual(
      events.map((url) => new URL(url).searchParams.has('end_ms')),
      [false],
      'asked once the time is typed',
    );
    await context.close();
  });

  /** The texts of the log's rows, once there are so many. */
  async function onlyRows(page: Page, count: number): Promise<readonly string[]> {
    await page.getByText(`${count} events shown.`, { exact: false }).waitFor();
    const rows = await page.locator('tbody tr').allInnerTexts();
    return rows.map((text) => text.replace(/\s+/g, ' '));
  }

  it('adds up what was used by day, function and device', async () => {
    await house.post('ahu-1', [{ timestamp_ms: Date.now(), metrics: { temperature: 21 } }]);
    await house.restart(); // a server that ends writes down what it has counted
    const { page, context } = await person('admin', 'usage');
    await page.getByRole('button', { name: 'By device' }).click();
    await page.getByRole('row', { name: /^ahu-1 0 0( 0)? 1$/ }).waitFor();
    await page.getByRole('row', { name: /^All 0 0( 0)? \d+$/ }).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await context.close();
  });
});
