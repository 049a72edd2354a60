/** A migration from its plan to its report: puts every unit, then compares every unit with the legacy file again. */
import { SECOND_MS } from '../clock.ts';
import { SetupError } from '../errors.ts';
import { sha256 } from '../ids.ts';
import type { Device } from '../model/entities.ts';
import { auditSource } from './audit.ts';
import { beginning } from './begin.ts';
import { removeCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.ts';
import { registerDevices } from './devices.ts';
import { inOrder } from './in-order.ts';
import type { MigrationOptions, MigrationTools } from './options.ts';
import { Pace } from './pace.ts';
import { persistently } from './persistently.ts';
import type { MigrationReport, Verification } from './report.ts';
import { addTally, addTold, emptyTally, nothingTold, type Comparison, type Tally } from './tally.ts';
import { PointReader } from './reader/point-reader.ts';
import { telemetrySource } from './telemetry.ts';
import type { Source, Unit } from './unit.ts';
import { userSource } from './users.ts';

const SAVE_EVERY_MS = SECOND_MS / 2;

/** Migrates, or says what it would do. Throws a `SetupError` before anything is changed when the plan cannot be. */
export async function migrate(options: MigrationOptions, tools: MigrationTools): Promise<MigrationReport> {
  // Only points are so many that reading them is worth a thread.
  await using reader = options.kind === 'telemetry' ? new PointReader(tools.legacy.file, tools.stopping) : null;
  const run = new Run(options, tools, beginning(options, tools), reader);
  return await run.toReport();
}

class Run {
  readonly #options: MigrationOptions;
  readonly #tools: MigrationTools;
  readonly #checkpoint: Checkpoint;
  readonly #reader: PointReader | null;
  readonly #tenants = new Set<string>();
  #new_devices = 0;

  constructor(options: MigrationOptions, tools: MigrationTools, checkpoint: Checkpoint, reader: PointReader | null) {
    this.#options = options;
    this.#tools = tools;
    this.#checkpoint = checkpoint;
    this.#reader = reader;
  }

  async toReport(): Promise<MigrationReport> {
    const { store } = this.#tools;
    const { dry_run, checkpoint_file } = this.#options;
    await this.#checkTenant();
    const started_ms = performance.now();
    const source = await this.#open();
    if (!dry_run) await this.#putAll(source);
    const migrated_ms = performance.now();
    const { writes } = store.cost;
    const verification = await this.#verify(source);
    if (!dry_run) removeCheckpoint(checkpoint_file);
    const { plan, now_ms, tally } = this.#checkpoint;
    return {
      ...plan,
      now_ms,
      dry_run,
      devices: source.devices,
      new_devices: this.#new_devices,
      ...tally,
      left_out: tally.left_out + source.rows.older,
      documents_written: writes,
      documents_read: store.cost.reads,
      migrating_ms: Math.round(migrated_ms - started_ms),
      verifying_ms: Math.round(performance.now() - migrated_ms),
      verification,
    };
  }

  async #checkTenant(): Promise<void> {
    const { tenant_id } = this.#options;
    if (tenant_id === null || (await persistently(this.#tools, () => this.#tools.store.tenant(tenant_id))) !== null)
      return;
    throw new SetupError(`There is no tenant ${tenant_id}: create it first with npm run admin -- create-tenant.`);
  }

  async #open(): Promise<Source> {
    const { legacy } = this.#tools;
    const { mapping, tenant_id } = this.#options;
    const { plan, now_ms } = this.#checkpoint;
    const window = { tenant_id, from_ms: plan.from_ms, now_ms };
    if (plan.kind === 'users') return userSource(legacy, { mapping: mapping.users, tenant_id });
    if (this.#reader === null) return auditSource(legacy, { mapping: mapping.audit, ...window });
    return telemetrySource(this.#reader, { mapping: mapping.telemetry, ...window }, (met) => this.#register(met));
  }

  async #register(met: readonly Device[]): Promise<readonly Device[]> {
    const { store, box } = this.#tools;
    const { dry_run } = this.#options;
    if (!dry_run) await persistently(this.#tools, () => this.#openTenants(met.map(({ tenant_id }) => tenant_id)));
    const onNew = (): void => void (this.#new_devices += 1);
    return persistently(this.#tools, () => registerDevices(met, { store, box, dry_run, onNew }));
  }

  async #putAll(source: Source): Promise<void> {
    const { stopping, store, sleep, onProgress } = this.#tools;
    const { concurrency, rate } = this.#options;
    const checkpoint = this.#checkpoint;
    const pace = new Pace(store.name === 'firestore' ? rate : 0, sleep);
    onProgress('migrating', checkpoint.tally.rows, source.rows.read);
    let saved_ms = performance.now();
    const put = async (unit: Unit): Promise<Tally> => {
      await pace.turn(unit.paced_by);
      return persistently(this.#tools, async () => {
        await this.#openTenants(unit.tenant_ids);
        return unit.put(store);
      });
    };
    try {
      await inOrder(skipping(source.units(), checkpoint.units), concurrency, put, (tally, unit) => {
        addTally(checkpoint.tally, unit.reading);
        addTally(checkpoint.tally, tally);
        checkpoint.units += 1;
        onProgress('migrating', checkpoint.tally.rows, source.rows.read);
        stopping.throwIfAborted();
        if (performance.now() - saved_ms < SAVE_EVERY_MS) return;
        this.#save();
        saved_ms = performance.now();
      });
    } finally {
      this.#save();
    }
  }

  #save(): void {
    saveCheckpoint(this.#options.checkpoint_file, this.#checkpoint);
  }

  /** Reads the legacy file once more. In a dry run this is all there is, and tells what would be stored. */
  async #verify(source: Source): Promise<Verification> {
    const { stopping, store, onProgress } = this.#tools;
    const counts = { units: 0, expected: 0, equal: 0, renewed: 0, checksum: '' };
    const sum = { ...counts, missing: nothingTold(), different: nothingTold() };
    const tally = emptyTally();
    onProgress('verifying', 0, source.rows.read);
    const compare = (unit: Unit): Promise<Comparison> => persistently(this.#tools, () => unit.compare(store));
    await inOrder(source.units(), this.#options.concurrency, compare, (found, unit) => {
      addTally(tally, unit.reading);
      sum.units += 1;
      sum.expected += found.expected;
      sum.equal += found.equal;
      sum.renewed += found.renewed;
      addTold(sum.missing, found.missing);
      addTold(sum.different, found.different);
      sum.checksum = sha256(sum.checksum + found.checksum);
      onProgress('verifying', tally.rows, source.rows.read);
      stopping.throwIfAborted();
    });
    if (this.#options.dry_run) addTally(this.#checkpoint.tally, tally);
    return sum;
  }

  /** A tenant that a column names is made here: the legacy server knew it. */
  async #openTenants(tenant_ids: readonly string[]): Promise<void> {
    const { store } = this.#tools;
    for (const tenant_id of tenant_ids) {
      if (this.#tenants.has(tenant_id)) continue;
      if ((await store.tenant(tenant_id)) === null) {
        await store.createTenant({ tenant_id, name: tenant_id, disabled: false, created_ms: this.#checkpoint.now_ms });
      }
      this.#tenants.add(tenant_id);
    }
  }
}

async function* skipping(units: ReturnType<Source['units']>, count: number): AsyncGenerator<Unit> {
  let left = count;
  for await (const unit of units) {
    if (left > 0) left -= 1;
    else yield unit;
  }
}
