import { spendWrite, type WriteBudget } from '../../budgets/device-writes.ts';
import type { Device } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import { oldestKept_ms } from '../../model/retention.ts';
import { assignBuckets, planWrite } from '../../model/write-plan.ts';
import type { ScanOptions, TelemetryStore, TimeRange, WriteOutcome, WriteRequest } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import type { Scope } from './tables.ts';

/** A chunk never holds more rows than this. One more than a full page, which needs to know whether another follows. */
const MAX_CHUNK_ROWS = 1_001;

export class SqliteTelemetry implements TelemetryStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  write(request: WriteRequest): Promise<WriteOutcome> {
    return this.#scope.access.change(() => {
      assertOwned(this.#scope.tenant_id, request.device);
      return this.#writeNow(request);
    });
  }

  #writeNow({ device, points, overwrite, now_ms }: WriteRequest): WriteOutcome {
    const { telemetry } = this.#scope.tables;
    const assignment = assignBuckets(device.widths, points);
    const plan = planWrite(assignment, (start_ms) => telemetry.bucket(device, start_ms), { overwrite });
    if (plan.changes.length === 0) return { kind: 'done', receipt: plan.receipt };
    const decision = spendWrite(telemetry.budget(device), now_ms);
    if (decision.kind === 'spent') return { kind: 'over_budget', used: decision.used, reset_ms: decision.reset_ms };
    for (const change of plan.changes) telemetry.apply(device, change, now_ms);
    telemetry.putBudget(device, decision.budget);
    return { kind: 'done', receipt: plan.receipt };
  }

  // Each chunk is a statement of its own: none stays open, and no lock is held, while the caller works.
  async *scan(device: Device, range: TimeRange, options: ScanOptions): AsyncGenerator<readonly Point[]> {
    assertOwned(this.#scope.tenant_id, device);
    const { access, tables } = this.#scope;
    const start_ms = Math.max(range.start_ms, oldestKept_ms(options.now_ms));
    let end_ms = range.end_ms;
    let limit = Math.max(1, Math.min(options.expected, MAX_CHUNK_ROWS));
    let ask: 'newest' | 'page' = end_ms > options.now_ms ? 'newest' : 'page';
    for (;;) {
      const how = ask;
      const chunk = await access.read(() => tables.telemetry[how](device, start_ms, end_ms, limit));
      ask = 'page';
      const oldest = chunk.at(-1);
      if (oldest === undefined) return;
      yield chunk;
      if (chunk.length < limit) return;
      end_ms = oldest.timestamp_ms;
      limit = MAX_CHUNK_ROWS;
    }
  }

  writeBudget(device: Device): Promise<WriteBudget | null> {
    return this.#scope.access.read(() => {
      assertOwned(this.#scope.tenant_id, device);
      return this.#scope.tables.telemetry.budget(device);
    });
  }
}
