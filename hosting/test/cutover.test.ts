/** A box is moved to Firestore and back from the page alone. */
import assert from 'node:assert/strict';
import { freshProject, emulatorHost } from '@bas/core/stores/firestore/harness';
import type { Locator, Page } from 'playwright-core';
import { House, signIn } from './support/house.ts';

describe('the cutover console', function () {
  this.timeout(120_000);
  let house: House;
  let page: Page;

  before(async () => {
    house = await House.open({ GCP_PROJECT_ID: freshProject(), FIRESTORE_EMULATOR_HOST: emulatorHost() });
    const now_ms = Date.now();
    const points = [1, 2, 3].map((minutes) => ({ timestamp_ms: now_ms - minutes * 60_000, metrics: { minutes } }));
    await house.post('ahu-1', points);
    ({ page } = await house.person('platform_admin'));
  });
  after(() => house.close());

  const station = (name: string): Locator => page.getByRole('listitem', { name, exact: true });
  const dialog = (): Locator => page.getByRole('dialog');
  const next = (): Locator => page.getByRole('region', { name: /→|Finalize/ });

  /** Waits until a station says that it is there. */
  const reached = (name: string, phase: string): Promise<void> =>
    station(name).locator('.badge', { hasText: phase }).waitFor();

  async function options(): Promise<Locator> {
    const fields = next().locator('details');
    if ((await fields.getAttribute('open')) === null) await fields.locator('summary').click();
    return fields;
  }

  async function confirm(word: string, button: RegExp): Promise<void> {
    assert.ok(await dialog().getByRole('button', { name: button }).isDisabled());
    await dialog()
      .getByLabel(/^Type /)
      .fill(word);
    await dialog().getByRole('button', { name: button }).click();
  }

  async function advance(name: string, word: string): Promise<void> {
    await next()
      .getByRole('button', { name: `Advance ${name}…` })
      .click();
    await confirm(word, /^Advance to/);
  }

  async function onAnEmulator(): Promise<void> {
    await (await options()).getByLabel(/emulator/).check();
  }

  it('says in words why the server refuses a move, and changes nothing', async () => {
    await reached('Telemetry', 'sqlite');
    await advance('telemetry', 'telemetry');
    await dialog().getByRole('alert').getByText('tick “This is an emulator” under Options').waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await reached('Telemetry', 'sqlite');
  });

  /** Telemetry is delivered, and both stores were compared. */
  async function intoDual(): Promise<void> {
    await onAnEmulator();
    await advance('telemetry', 'telemetry');
    await reached('Telemetry', 'dual');
    const outbox = page.getByRole('region', { name: 'Outbox' });
    await outbox.locator('div', { hasText: /^Buckets to deliver0$/ }).waitFor();
    await page.getByRole('button', { name: 'Compare now' }).click();
    await page
      .getByRole('region', { name: 'Comparison' })
      .getByText(/^green for/)
      .waitFor();
  }

  it('takes telemetry into dual, and proves that both stores hold the same', async () => {
    await intoDual();
    await next().locator('.precondition.yes', { hasText: 'Everything was compared once' }).waitFor();
    await next().locator('.precondition.no', { hasText: 'Green for 24 h' }).waitFor();
  });

  it('moves reads once less green is asked for, and turns them back with a reason', async () => {
    await onAnEmulator();
    await (await options()).getByLabel('Green for at least').selectOption('not asked for');
    await next().locator('.precondition.yes', { hasText: 'Green for' }).waitFor();
    await advance('telemetry', 'telemetry');
    await reached('Telemetry', 'firestore');

    await station('Telemetry').getByRole('button', { name: 'Roll back…' }).click();
    const button = dialog().getByRole('button', { name: 'Roll back to SQLite' });
    await dialog()
      .getByLabel(/^Type /)
      .fill('telemetry');
    assert.ok(await button.isDisabled(), 'no reason, no way back');
    await dialog().getByLabel('Reason').fill('to see it');
    await button.click();
    await reached('Telemetry', 'sqlite');
    await next().getByRole('heading', { name: 'Telemetry: sqlite → dual' }).waitFor();
  });

  it('goes all the way, signs everybody out with sign-in, and ends it', async () => {
    await intoDual();
    await onAnEmulator();
    await (await options()).getByLabel('Green for at least').selectOption('not asked for');
    await advance('telemetry', 'telemetry');
    await reached('Telemetry', 'firestore');
    await onAnEmulator();
    await advance('audit log', 'audit');
    await reached('Audit log', 'firestore');
    await advance('sign-in', 'auth');
    await page.getByText('Sign-in has moved to another store').waitFor();
    await signIn(page, house.credentials('platform_admin'));
    await reached('Sign-in', 'firestore');

    await next().locator('.precondition.yes', { hasText: 'Nothing is left to deliver' }).waitFor();
    await next().getByRole('button', { name: 'Finalize…' }).click();
    await dialog().getByText('It cannot be undone.').waitFor();
    await confirm('finalize', /^Finalize$/);
    // The box's own sessions end with it.
    await page.getByText('Sign-in has moved to another store').waitFor();
    await signIn(page, house.credentials('platform_admin'));
    await page.getByText('Finalized: Firestore alone holds the data').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Roll back…' }).count(), 0);
  });
});

describe('the cutover console of a box without a project', function () {
  this.timeout(60_000);
  let house: House;

  before(async () => void (house = await House.open()));
  after(() => house.close());

  it('says calmly that there is nowhere to move', async () => {
    const { page } = await house.person('platform_admin');
    await page.getByText('This box knows of no project to move to').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Advance/ }).count(), 0);
  });
});
