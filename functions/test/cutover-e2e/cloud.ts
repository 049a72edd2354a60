/** Firestore as the box sees it: an emulator behind a proxy, which can fall silent, die, and come back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFirestore, type FirestoreEmulator } from '../../../scripts/lib/firestore-emulator.ts';
import { startGrpcProxy, type GrpcProxy } from '../support/grpc-proxy.ts';

export class Cloud {
  readonly #proxy: GrpcProxy;
  #emulator: FirestoreEmulator;

  static async start(): Promise<Cloud> {
    const emulator = await startFirestore();
    return new Cloud(emulator, await startGrpcProxy(emulator.host));
  }

  constructor(emulator: FirestoreEmulator, proxy: GrpcProxy) {
    this.#emulator = emulator;
    this.#proxy = proxy;
  }

  /** Where the box finds it. */
  get host(): string {
    return this.#proxy.host;
  }

  /** Where a raw reader finds it. */
  get emulator_host(): string {
    return this.#emulator.host;
  }

  /** Killed in the midst of its work; what comes back has lost everything, for an emulator keeps its data in memory. */
  async killAndLoseAll(): Promise<void> {
    await this.#emulator.stop();
    this.#emulator = await startFirestore(this.#port);
  }

  /**
   * Silent for `silent_ms`, then dead, then back with all it ever confirmed, as a real Firestore is. While it is silent
   * nothing is confirmed, so the export that it comes back with lacks nothing.
   */
  async outage(project_id: string, silent_ms: number): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'bas-export-'));
    try {
      this.#proxy.pause();
      await sleep(silent_ms);
      await this.#export(project_id, folder);
      await this.#emulator.stop();
      this.#proxy.resume();
      const seed = join(folder, 'kept', 'kept.overall_export_metadata');
      this.#emulator = await startFirestore(this.#port, ['--seed_from_export', seed]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {
    await this.#proxy.close();
    await this.#emulator.stop();
  }

  get #port(): number {
    return Number(this.#emulator.host.split(':')[1]);
  }

  async #export(project_id: string, export_directory: string): Promise<void> {
    const answer = await fetch(`http://${this.#emulator.host}/emulator/v1/projects/${project_id}:export`, {
      method: 'POST',
      headers: { authorization: 'Bearer owner', 'content-type': 'application/json' },
      body: JSON.stringify({
        database: `projects/${project_id}/databases/(default)`,
        export_directory,
        export_name: 'kept',
      }),
    });
    if (!answer.ok) throw new Error(`The emulator could not export: ${await answer.text()}`);
  }
}
