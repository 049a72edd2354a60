/** A box with a file of its own and a project of its own to move to, for tests of its cutover. */
import Driver, { type Database } from 'better-sqlite3';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '@bas/core/clock';
import { readConfig } from '@bas/core/config';
import { advance } from '@bas/core/cutover/advance';
import { Delivery } from '@bas/core/cutover/deliver';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { boxParts, type BoxParts } from '@bas/core/cutover/parts';
import { reasonsOf } from '@bas/core/cutover/refused';
import type { Device } from '@bas/core/model/entities';
import type { Concern } from '@bas/core/model/flags';
import type { Point } from '@bas/core/model/point';
import type { IncomingPoint } from '@bas/core/model/write-plan';
import { silentLogger, type Logger } from '@bas/core/observability/log';
import { Meter } from '@bas/core/observability/meter';
import { connectWitness, emulatorHost, freshProject } from '@bas/core/stores/firestore/harness';
import type { Mirror } from '@bas/core/stores/mirror';
import { rawFirestore } from '@bas/core/stores/firestore/raw';
import { rawSqlite } from '@bas/core/stores/sqlite/raw';
import { ACME, aDevice, aKey, anEvent, aTenant } from '@bas/core/stores/suite/fixtures';
import type { RawStore } from '@bas/core/stores/suite/harness';
import { createSuite, type Suite } from '@bas/core/suite';

export interface MovingBoxOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Where Firestore is asked for, such as a proxy; the emulator itself when left out. */
  readonly host?: string;
  /** Another process's or handle's box: its file and project. */
  readonly of?: BoxPlace;
  readonly seeds?: Readonly<Record<string, string>>;
}

export interface BoxPlace {
  readonly file: string;
  readonly project_id: string;
}

export interface MovingBox extends BoxPlace {
  readonly suite: Suite;
  readonly parts: BoxParts;
  /** The file and the documents, read past the code under test. */
  readonly sqlite: RawStore;
  readonly firestore: RawStore;
  readonly db: Database;
  close(): Promise<void>;
}

export function suiteOf({ file, project_id }: BoxPlace, options: MovingBoxOptions = {}): Suite {
  const FIRESTORE_EMULATOR_HOST = options.host ?? emulatorHost();
  const env = { SQLITE_FILE: file, GCP_PROJECT_ID: project_id, FIRESTORE_EMULATOR_HOST, ...options.seeds };
  return createSuite(readConfig(env), {
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  });
}

export async function openMovingBox(options: MovingBoxOptions = {}): Promise<MovingBox> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-box-'));
  const { file, project_id } = options.of ?? { file: join(folder, 'bas.sqlite'), project_id: freshProject() };
  const suite = suiteOf({ file, project_id }, options);
  const parts = await boxParts(suite);
  const db = new Driver(file);
  const client = connectWitness(project_id);
  return {
    file,
    project_id,
    suite,
    parts,
    sqlite: rawSqlite(db),
    firestore: rawFirestore(() => client),
    db,
    close: async () => {
      db.close();
      await Promise.all([suite.close(), client.terminate()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One tenant's stores, as a request would have them; what they cost is on `meter`. */
export async function tenantOf({ suite }: Pick<MovingBox, 'suite'>, meter = new Meter(), tenant_id = ACME) {
  return (await suite.backend()).withMeter(meter).forTenant(tenant_id);
}

/** Registers a tenant with `count` devices. */
export async function furnish(box: MovingBox, count: number): Promise<readonly Device[]> {
  const stores = (await box.suite.backend()).withMeter(new Meter());
  await stores.tenants.create(aTenant());
  const devices = Array.from({ length: count }, (_, i) => aDevice({ device_id: `boiler-${String(i + 1)}` }));
  for (const device of devices) {
    const { device_id } = device;
    await stores.forTenant(ACME).devices.create(device, aKey({ device_id }), anEvent({ action: 'device.create' }));
  }
  return devices;
}

/** Stores points past the write budget, each request a minute of its own; all must be accepted. */
export async function post(
  box: Pick<MovingBox, 'suite'>,
  device: Device,
  points: readonly IncomingPoint[],
  { now_ms, overwrite = false }: { readonly now_ms: number; readonly overwrite?: boolean },
): Promise<void> {
  const { telemetry } = await tenantOf(box);
  const outcome = await telemetry.write({ device, points, overwrite, now_ms });
  assert(outcome.kind === 'done', outcome.kind);
  assert.equal(outcome.receipt.accepted, points.length);
}

/** Everything a walk over the device's points answers, newest first. */
export async function walk(
  box: Pick<MovingBox, 'suite'>,
  device: Device,
  { now_ms, expected = 100, meter = new Meter() }: { now_ms: number; expected?: number; meter?: Meter },
): Promise<readonly Point[]> {
  const { telemetry } = await tenantOf(box, meter);
  const points: Point[] = [];
  const range = { start_ms: 0, end_ms: now_ms + 3_600_000 };
  for await (const chunk of telemetry.scan(device, range, { expected, now_ms })) points.push(...chunk);
  return points;
}

/** Takes the next step as an operator at an emulator does. */
export function move({ parts }: Pick<MovingBox, 'parts'>, concern: Concern) {
  return advance(parts, concern, BY_COMMAND, { emulator: true, min_green_ms: 0 });
}

/** The reasons a move was refused with. */
export async function refused(moving: Promise<unknown>): Promise<readonly string[]> {
  const error = await moving.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  const reasons = reasonsOf(error);
  if (reasons === null) throw error;
  return reasons;
}

export function deliveryOf({ parts }: Pick<MovingBox, 'parts'>, rate = 0, holder = 'test'): Delivery {
  const { journal, mirror, clock } = parts;
  return new Delivery({ journal, mirror, clock, holder, rate });
}

/** Moves telemetry as far as told, delivering whatever is asked for on the way. */
export async function moveTelemetry(box: MovingBox, to: 'dual' | 'firestore'): Promise<void> {
  await move(box, 'telemetry');
  await deliveryOf(box).everything();
  if (to === 'firestore') await move(box, 'telemetry');
}

/** That both stores hold the same points of `devices`, by what each of them really stores. */
export async function assertSamePoints(
  { sqlite, firestore }: MovingBox,
  devices: readonly Device[],
  at_least = 1,
): Promise<void> {
  let points = 0;
  for (const { tenant_id, device_id } of devices) {
    const ours = await sqlite.points(tenant_id, device_id);
    points += ours.length;
    assert.deepEqual(await firestore.points(tenant_id, device_id), ours, device_id);
  }
  assert(points >= at_least, `only ${String(points)} points were compared`);
}

/** Waits until `isSo`, and no longer than `limit_ms`. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { limit_ms = 20_000, pause_ms = 20 } = {},
): Promise<void> {
  const started = performance.now();
  while (!(await isSo())) {
    if (performance.now() - started > limit_ms) assert.fail(`not so within ${String(limit_ms)} ms: ${String(isSo)}`);
    await sleep(pause_ms);
  }
}

/** The same mirror, but for some of what it does. */
export function mirrorWith(mirror: Mirror, changes: Partial<Mirror>): Mirror {
  return {
    readFlags: () => mirror.readFlags(),
    writeFlags: (flags) => mirror.writeFlags(flags),
    putBucket: (read) => mirror.putBucket(read),
    putRows: (rows, again) => mirror.putRows(rows, again),
    getRows: (rows) => mirror.getRows(rows),
    getBuckets: (buckets) => mirror.getBuckets(buckets),
    listBuckets: (after, limit) => mirror.listBuckets(after, limit),
    getListed: (buckets) => mirror.getListed(buckets),
    endSessions: () => mirror.endSessions(),
    ...changes,
  };
}
