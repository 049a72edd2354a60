/** A legacy file, a folder for a box, and the command that migrates from one to the other. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Finished } from './command.ts';
import { openTarget, type Target } from './legacy.ts';
import { MigrationReport } from './migration-report.ts';
import type { StoreName } from './server.ts';

export class MigrationPlace {
  readonly folder = mkdtempSync(join(tmpdir(), 'bas-migrate-'));
  /** To be made by the test. */
  readonly legacy = join(this.folder, 'legacy.sqlite');
  /** The last whole minute that is over. */
  readonly newest_ms = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;

  target(store: StoreName): Promise<Target> {
    const data = join(this.folder, 'data');
    mkdirSync(data);
    return openTarget(store, data);
  }

  words(to: Target, verb: string, more: readonly string[] = []): string[] {
    const where = ['--from', this.legacy, '--to', to.home.kind, '--data', to.folder];
    return [verb, ...where, '--json', '--rate', '0', ...more];
  }

  migrate(to: Target, verb: string, more: readonly string[] = []): Promise<Finished> {
    return run('migrate', this.words(to, verb, more), { env: to.env });
  }

  /** What a run for the tenant acme reports. */
  async reported(to: Target, verb: string, more: readonly string[] = [], code = 0): Promise<MigrationReport> {
    const ended = await this.migrate(to, verb, ['--tenant', 'acme', ...more]);
    assert.equal(ended.code, code, ended.stderr + ended.stdout);
    return MigrationReport.parse(JSON.parse(ended.stdout));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
