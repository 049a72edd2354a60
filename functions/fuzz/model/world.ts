/** A real server with its stores, in one phase: what the model is held against. */
import Driver, { type Database } from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE_MS } from '@bas/core/clock';
import type { HomeConfig } from '@bas/core/config';
import { boxParts, type BoxParts } from '@bas/core/cutover/parts';
import type { PasswordHash } from '@bas/core/model/entities';
import { connectWitness, emulatorHost, freshProject } from '@bas/core/stores/firestore/harness';
import { rawFirestore } from '@bas/core/stores/firestore/raw';
import { rawSqlite } from '@bas/core/stores/sqlite/raw';
import type { RawStore } from '@bas/core/stores/suite/harness';
import { doors } from '../../src/doors.ts';
import { RememberingPasswords } from '../../test/support/passwords.ts';
import { startServer, type TestServer } from '../../test/support/server.ts';
import { deliver, moveTo, type FuzzPhase } from './phases.ts';

/** Argon2id, asked once for each password that is set: what it costs is tested elsewhere. */
class SparingPasswords extends RememberingPasswords {
  readonly #hashes = new Map<string, Promise<PasswordHash>>();

  override hash(password: string): Promise<PasswordHash> {
    const hash = this.#hashes.get(password) ?? super.hash(password);
    this.#hashes.set(password, hash);
    return hash;
  }
}

const passwords = new SparingPasswords();

export interface World {
  readonly phase: FuzzPhase;
  readonly server: TestServer;
  /** The stores that are there, read past the code under test. */
  readonly raw: { readonly sqlite?: RawStore; readonly firestore?: RawStore };
  /** Carries to Firestore what a box has not delivered yet. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(phase: FuzzPhase): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-fuzz-'));
  const file = join(folder, 'bas.sqlite');
  const project_id = freshProject();
  const home = homeOf(phase, file, project_id);
  const all = await Promise.all(Object.values(doors).map(async (load) => (await load()).default));
  const server = await startServer({ store: 'sqlite', home, doors: all, parts: { passwords } });
  await server.suite.backend();
  const parts = home.kind === 'sqlite' && home.target !== undefined ? await boxParts(server.suite) : null;
  if (parts !== null) await settle(server, parts, phase);
  const { raw, close } = openRaw(home, phase === 'box' ? null : project_id);
  return {
    phase,
    server,
    raw,
    deliver: async () => {
      if (parts?.journal.flags().finalized === false && phase !== 'not moved') await deliver(parts);
    },
    close: async () => {
      await close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function homeOf(phase: FuzzPhase, file: string, project_id: string): HomeConfig {
  const target = { project_id, emulator_host: emulatorHost() };
  if (phase === 'cloud') return { kind: 'firestore', ...target };
  return { kind: 'sqlite', file, ...(phase === 'box' ? {} : { target }) };
}

/** A box moves with something to compare. */
async function settle(server: TestServer, parts: BoxParts, phase: FuzzPhase): Promise<void> {
  const { seed, clock } = server;
  await seed.tenant('settler');
  const first = await seed.device({ tenant_id: 'settler', device_id: 'first' });
  const points = [{ timestamp_ms: clock.now_ms() - MINUTE_MS, metrics: { v: 1 } }];
  await server.device(first).post('/v1/telemetry', { device_id: 'first', points });
  await moveTo(parts, phase);
}

function openRaw(home: HomeConfig, project_id: string | null) {
  const db: Database | null = home.kind === 'sqlite' ? new Driver(home.file, { readonly: true }) : null;
  const client = project_id === null ? null : connectWitness(project_id);
  return {
    raw: {
      ...(db === null ? {} : { sqlite: rawSqlite(db) }),
      ...(client === null ? {} : { firestore: rawFirestore(() => client) }),
    },
    close: async () => {
      db?.close();
      await client?.terminate();
    },
  };
}
