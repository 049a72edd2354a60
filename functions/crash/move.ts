/** A box on its way to Firestore: what it was sent must arrive there, whatever becomes of its processes. */
import Driver from 'better-sqlite3';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '@bas/core/config';
import { advance } from '@bas/core/cutover/advance';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { boxParts } from '@bas/core/cutover/parts';
import { silentLogger } from '@bas/core/observability/log';
import { connectWitness, freshProject } from '@bas/core/stores/firestore/harness';
import { createSuite } from '@bas/core/suite';
import * as z from 'zod';
import type { Env } from '../test/support/command.ts';
import { TENANT } from './box.ts';
import { comparePoints, type Findings } from './check.ts';
import type { DeviceHistory } from './history.ts';

/** Longer than any pause of the delivery. */
const DRAIN_MS = 60_000;
const LOOK_AGAIN_MS = 100;

export interface Move {
  readonly env: Env;
  /** From now on everything is delivered. */
  begin(file: string): Promise<void>;
  /** Waits until a running box has delivered everything, and compares; how many points Firestore holds. */
  compare(file: string, devices: readonly DeviceHistory[], into: Findings): Promise<number>;
}

export function newMove(emulator_host: string): Move {
  const project_id = freshProject();
  const env = { GCP_PROJECT_ID: project_id, FIRESTORE_EMULATOR_HOST: emulator_host };
  return {
    env,
    begin: async (file) => {
      const suite = createSuite(readConfig({ ...env, SQLITE_FILE: file }), { logger: silentLogger });
      await advance(await boxParts(suite), 'telemetry', BY_COMMAND, { emulator: true, min_green_ms: 0 });
      await suite.close();
    },
    compare: async (file, devices, into) => {
      if (!(await isDrained(file))) into.wrong.push(`not all was delivered within ${DRAIN_MS} ms`);
      const stored = await pointsIn(project_id);
      for (const device of devices) comparePoints(device, stored.get(device.device_id) ?? [], into);
      return [...stored.values()].reduce((sum, points) => sum + points.length, 0);
    },
  };
}

async function isDrained(file: string): Promise<boolean> {
  const db = new Driver(file, { readonly: true, fileMustExist: true });
  const waiting = db
    .prepare<[], number>('SELECT count(*) FROM telemetry_buckets WHERE delivered_version < version')
    .pluck();
  try {
    const until_ms = performance.now() + DRAIN_MS;
    while ((waiting.get() ?? 0) > 0) {
      if (performance.now() > until_ms) return false;
      await sleep(LOOK_AGAIN_MS);
    }
    return true;
  } finally {
    db.close();
  }
}

const Bucket = z.object({
  tenant_id: z.literal(TENANT),
  device_id: z.string(),
  timestamp_ms: z.number().optional(),
  points: z.record(z.string(), z.string()).default({}),
});

interface Stored {
  readonly timestamp_ms: number;
  readonly metrics: unknown;
}

/** Every point of the project by device, read past the code under test. */
async function pointsIn(project_id: string): Promise<ReadonlyMap<string, readonly Stored[]>> {
  const firestore = connectWitness(project_id);
  const { docs } = await firestore.collection('telemetry').get();
  await firestore.terminate();
  const stored = new Map<string, Stored[]>();
  for (const document of docs) {
    const { device_id, timestamp_ms: start_ms = Number.NaN, points } = Bucket.parse(document.data());
    const known = stored.get(device_id) ?? [];
    for (const [offset, metrics] of Object.entries(points)) {
      known.push({ timestamp_ms: start_ms + Number(offset), metrics: JSON.parse(metrics) as unknown });
    }
    stored.set(device_id, known);
  }
  return stored;
}
