import assert from 'node:assert/strict';
import { Problem } from '../../errors.ts';
import { Meter } from '../../observability/meter.ts';
import type { Backend, Stores, TenantStores } from '../contracts.ts';
import { ACME } from './fixtures.ts';
import type { OpenHarness, RawStore, StoreHarness } from './harness.ts';

/** The store of the `describe` it is made in: opened before its tests, emptied before each, closed after them. */
export class StoreUnderTest {
  #harness: StoreHarness | undefined;

  constructor(open: OpenHarness) {
    before(async () => {
      this.#harness = await open();
    });
    beforeEach(() => this.harness.reset());
    after(() => this.#harness?.close());
  }

  get harness(): StoreHarness {
    if (this.#harness === undefined) throw new Error('The store is open only while its tests run.');
    return this.#harness;
  }

  get raw(): RawStore {
    return this.harness.raw;
  }

  get stores(): Stores {
    return storesOf(this.harness.backend);
  }

  tenant(tenant_id = ACME): TenantStores {
    return this.stores.forTenant(tenant_id);
  }

  /** Two ways in, as two processes have them. */
  async twoHandles(): Promise<readonly [Stores, Stores]> {
    return [this.stores, storesOf(await this.harness.second())];
  }

  /** The same through two handles, taking turns: `count` attempts started at once. */
  async race<T>(count: number, attempt: (stores: Stores, index: number) => Promise<T>): Promise<readonly T[]> {
    const handles = await this.twoHandles();
    const attempts = Array.from({ length: count }, (_, i) => attempt(handles[i % 2 === 0 ? 0 : 1], i));
    const outcomes: T[] = [];
    for (const settled of await Promise.allSettled(attempts)) {
      if (settled.status === 'fulfilled') outcomes.push(settled.value);
      else if (!this.#mayRefuse(settled.reason)) throw settled.reason;
    }
    return outcomes;
  }

  #mayRefuse(reason: unknown): boolean {
    const { refuses_under_contention } = this.harness.differences;
    return refuses_under_contention !== undefined && reason instanceof Problem && reason.code === 'store_unavailable';
  }

  /** Runs `work` and asserts that it changed nothing at all. */
  async unchanged<T>(work: () => Promise<T>): Promise<T> {
    const before = await this.raw.dump();
    const result = await work();
    assert.deepEqual(await this.raw.dump(), before, 'something was stored that should not have been');
    return result;
  }

  /** Runs `work` and asserts that it was stopped as a fault in our own code, and changed nothing. */
  async stopped(work: () => Promise<unknown>): Promise<void> {
    await this.unchanged(() => assert.rejects(work, isProgrammingFault));
  }
}

function storesOf(backend: Backend): Stores {
  return backend.withMeter(new Meter());
}

function isProgrammingFault(error: unknown): boolean {
  assert(error instanceof Error && !(error instanceof Problem), 'expected a plain Error');
  return true;
}

/** How many of `outcomes` are `wanted`. */
export function count<T>(outcomes: readonly T[], wanted: T): number {
  return outcomes.filter((outcome) => outcome === wanted).length;
}
