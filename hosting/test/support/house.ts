/** A real browser on a real box: what the tests of the page drive. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo, type Demo } from '@bas/core/demo/file';
import type { Role } from '@bas/core/model/role';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { serve, type Env, type Served } from '../../../functions/test/support/command.ts';
import { ensureChromium } from '../../../scripts/lib/chromium.ts';

export interface Credentials {
  readonly tenant_id: string;
  readonly username: string;
  readonly password: string;
}

/** The demo box, as `npm run serve -- --demo` starts it, and a browser beside it. */
export class House {
  readonly folder: string;
  readonly demo: Demo;
  readonly browser: Browser;
  readonly #env: Env;
  #served: Served;
  /** What went wrong on any page: a test that does not expect it fails by it. */
  readonly complaints: string[] = [];

  private constructor(folder: string, served: Served, env: Env, demo: Demo, browser: Browser) {
    this.folder = folder;
    this.#served = served;
    this.#env = env;
    this.demo = demo;
    this.browser = browser;
  }

  /** `simulation` lets the demo's devices post by themselves, a week's history first. */
  static async open(env: Env = {}, { simulation = false } = {}): Promise<House> {
    const executablePath = await ensureChromium();
    const folder = mkdtempSync(join(tmpdir(), 'bas-page-'));
    const served = await serve(['--demo', '--data', folder], env, { simulation });
    const demo = await readDemo(join(folder, 'demo.json'));
    assert.ok(demo !== null);
    const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    return new House(folder, served, env, demo, browser);
  }

  get url(): string {
    return this.#served.url;
  }

  /** Ends the box as a service manager does and starts it again on the same port and data. */
  async restart(meanwhile: () => Promise<void> | void = () => undefined): Promise<void> {
    const { port } = new URL(this.url);
    await this.#served.stop();
    await meanwhile();
    this.#served = await serve(['--demo', '--data', this.folder, '--port', port], this.#env);
  }

  credentials(role: Role, tenant = 0): Credentials {
    if (role === 'platform_admin') return this.demo.platform_admin;
    const { tenant_id, users } = this.demo.tenants[tenant] ?? assert.fail('no such tenant');
    const user = users.find((known) => known.role === role) ?? assert.fail('no such role');
    return { tenant_id, username: user.username, password: user.password };
  }

  /** A browser of its own, with its own cookies, at the sign-in form. */
  async visitor(
    options: BrowserContextOptions = {},
  ): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A refused request is logged by the browser as an error of the console; the page itself tells of it.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) this.complaints.push(message.text());
    });
    await page.goto(this.url);
    return { context, page };
  }

  async person(role: Role, tenant = 0, options: BrowserContextOptions = {}) {
    const visitor = await this.visitor(options);
    await signIn(visitor.page, this.credentials(role, tenant));
    return visitor;
  }

  /** Points of a demo's device, stored by its key through the front door. */
  async post(
    device_id: string,
    points: readonly { timestamp_ms: number; metrics: object }[],
    tenant = 0,
  ): Promise<void> {
    const { tenant_id, devices } = this.demo.tenants[tenant] ?? assert.fail('no such tenant');
    const key = devices.find((device) => device.device_id === device_id)?.key ?? assert.fail('no such device');
    const response = await fetch(`${this.url}/v1/telemetry`, {
      method: 'POST',
      headers: { 'x-bas-tenant': tenant_id, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ device_id, points }),
    });
    assert.equal(response.status, 200, await response.text());
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.#served.stop();
    rmSync(this.folder, { recursive: true, force: true });
    assert.deepEqual(this.complaints, []);
  }
}

/** Fills the sign-in form, for whoever presses the button. */
export async function fillIn(page: Page, { tenant_id, username, password }: Credentials): Promise<void> {
  await page.getByLabel('Tenant').fill(tenant_id);
  await page.getByLabel('User', { exact: true }).fill(username);
  await page.getByLabel('Password').fill(password);
}

export async function signIn(page: Page, credentials: Credentials): Promise<void> {
  await fillIn(page, credentials);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
}
