import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Delivery } from '../../cutover/deliver.ts';
import { ALL_SQLITE, type Flags } from '../../model/flags.ts';
import { Meter } from '../../observability/meter.ts';
import type { Backend } from '../contracts.ts';
import { emptyProject, emulatorHost, freshProject } from '../firestore/harness.ts';
import { openCloudSide } from '../firestore/open.ts';
import { rawFile } from '../sqlite/harness.ts';
import { openSqlite } from '../sqlite/open.ts';
import { NOW_MS, anEvent } from '../suite/fixtures.ts';
import type { RawDump, StoreHarness } from '../suite/harness.ts';
import { boxBackend } from './open.ts';

export interface BoxHarnessOptions {
  /** Where each concern is read; what is left out has not moved. */
  readonly phase: Partial<Flags>;
  /** `eager`: Firestore has everything before it is asked. `stopped`: it has nothing. */
  readonly delivery: 'eager' | 'stopped';
}

const clock = { now_ms: () => NOW_MS };
const watch = {
  operation: () => undefined,
  indexNotReady: () => undefined,
  tenantLeak: () => undefined,
  brokenDocument: () => undefined,
};
/** What a box must not forget when it is emptied: that it moves. */
const OF_THE_MOVE = ['flags', 'journal_clock'];
const KEPT_BY_THE_MOVE = new Set([...OF_THE_MOVE, 'journal', 'cutover_state', 'cutover_lease', 'cutover_counters']);

/** A box in one phase of its move, on a file and a project of its own. Every write must be found in its file. */
export async function openBoxHarness({ phase, delivery }: BoxHarnessOptions): Promise<StoreHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'box-'));
  const file = join(folder, 'box.db');
  const [project_id, emulator_host] = [freshProject(), emulatorHost()];
  const open = async (): Promise<Backend> => {
    const sqlite = await openSqlite(file);
    const { journal } = sqlite;
    const cloud = openCloudSide({ project_id, emulator_host, clock, cache: 'none' });
    const tellOutage = (): never => {
      throw new Error('Firestore did not answer a test');
    };
    const box = boxBackend({ clock, sqlite, journal, cloud, watch, tellOutage });
    const flags = { ...ALL_SQLITE, ...phase };
    if (!journal.isSet()) await journal.move(() => ({ flags, audit: anEvent({ tenant_id: 'system' }) }));
    const parts = { journal, mirror: cloud.mirror(new Meter()), clock, holder: 'test', rate: 0 };
    return delivery === 'stopped' ? box : eagerly(box, new Delivery(parts));
  };
  let backend = await open();
  const opened = rawFile(file);
  const others: Backend[] = [];
  const closeOthers = () => Promise.all(others.splice(0).map((other) => other.close()));
  return {
    get backend() {
      return backend;
    },
    second: async () => {
      const other = await open();
      others.push(other);
      return other;
    },
    raw: { ...opened.raw, dump: async () => withoutTheMove(await opened.raw.dump()) },
    differences: {},
    reset: async () => {
      await closeOthers();
      opened.empty(OF_THE_MOVE);
      await emptyProject(emulator_host, project_id);
      await backend.close();
      backend = await open();
    },
    close: async () => {
      await closeOthers();
      await backend.close();
      opened.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What the contract is about: how far delivery has come is not. */
function withoutTheMove(dump: RawDump): RawDump {
  const tables = Object.entries(dump).filter(([table]) => !KEPT_BY_THE_MOVE.has(table));
  return Object.fromEntries(
    tables.map(([table, rows]) => [table, table === 'telemetry_buckets' ? rows.map(undelivered) : rows]),
  );
}

function undelivered(row: unknown): unknown {
  const columns = Object.entries(row ?? {});
  return Object.fromEntries(columns.filter(([column]) => !/^(delivered|compared)_/.test(column)));
}

/** The same backend, but that everything is delivered before anything is asked of it. */
function eagerly(backend: Backend, delivery: Delivery): Backend {
  let delivered = Promise.resolve();
  const deliver = (): Promise<void> => (delivered = delivered.then(() => delivery.everything()));
  const first = <T extends object>(stores: T): T =>
    new Proxy(stores, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== 'function') return isObject(member) ? first(member) : member;
        const call = (...given: unknown[]): unknown => Reflect.apply(member, of, given);
        if (name === 'forTenant') return (...given: unknown[]) => first(Object(call(...given)) as object);
        if (name === 'scan') return (...given: unknown[]) => later(deliver, () => call(...given));
        return async (...given: unknown[]) => {
          await deliver();
          return call(...given);
        };
      },
    });
  return { ...backend, withMeter: (meter) => first(backend.withMeter(meter)) };
}

async function* later(before: () => Promise<void>, walk: () => unknown): AsyncGenerator {
  await before();
  yield* walk() as AsyncIterable<unknown>;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
