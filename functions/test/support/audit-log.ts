/** An audit log of a real store, and somebody who can write to that store behind the suite's back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealTenant } from '@bas/core/audit/sealing';
import { verify, walkAll, type Verification } from '@bas/core/audit/verification';
import type { Finding } from '@bas/core/audit/findings';
import { SEAL_ACTION, type Seal } from '@bas/core/model/seal';
import type { AuditEvent } from '@bas/core/model/audit';
import { Meter } from '@bas/core/observability/meter';
import type { AuditLog, Backend, SweepStore } from '@bas/core/stores/contracts';
import { connect } from '@bas/core/stores/firestore/client';
import { connectWitness, emulatorHost, freshProject } from '@bas/core/stores/firestore/harness';
import { auditEvents } from '@bas/core/stores/firestore/converters';
import { firestoreBackend } from '@bas/core/stores/firestore/open';
import { openSqlite } from '@bas/core/stores/sqlite/open';
import { ACME, anEvent, NOW_MS } from '@bas/core/stores/suite/fixtures';
import Driver from 'better-sqlite3';
import { MovableClock } from './movable-clock.ts';
import type { StoreName } from './server.ts';

export type Fields = Readonly<Record<string, string | number | null>>;

/** What somebody who holds the store itself can do. */
interface Intruder {
  change(event_id: string, fields: Fields): Promise<void>;
  remove(event_id: string): Promise<void>;
  put(event: AuditEvent): Promise<void>;
  close(): Promise<void>;
}

export class AuditUnderTest {
  readonly clock = new MovableClock(NOW_MS);
  readonly intruder: Intruder;
  readonly #backends: readonly [Backend, Backend];

  private constructor(intruder: Intruder, backends: readonly [Backend, Backend], clock: MovableClock) {
    this.intruder = intruder;
    this.#backends = backends;
    this.clock = clock;
  }

  static async open(store: StoreName): Promise<AuditUnderTest> {
    const clock = new MovableClock(NOW_MS);
    if (store === 'sqlite') {
      const folder = mkdtempSync(join(tmpdir(), 'audit-'));
      const file = join(folder, 'store.db');
      const backends = [await openSqlite(file), await openSqlite(file)] as const;
      return new AuditUnderTest(inFile(folder, file), backends, clock);
    }
    const project_id = freshProject();
    const open = () => firestoreBackend(connect(project_id, emulatorHost()), { clock, cache: 'all' });
    return new AuditUnderTest(inProject(project_id), [open(), open()], clock);
  }

  /** As one process has it, or another. */
  log(tenant_id = ACME, process: 0 | 1 = 0): AuditLog {
    return this.#backends[process].withMeter(new Meter()).forTenant(tenant_id).audit;
  }

  get sweeps(): SweepStore {
    return this.#backends[0].withMeter(new Meter()).sweeps;
  }

  /** Events so long apart, the first of them now; the clock is at the last of them then. */
  async append(count: number, step_ms: number, changes: Partial<AuditEvent> = {}): Promise<readonly AuditEvent[]> {
    const events: AuditEvent[] = [];
    for (let n = 0; n < count; n += 1) {
      if (n > 0) this.clock.advance(step_ms);
      const event = anEvent({ timestamp_ms: this.clock.now_ms(), user_id: `user-${n % 7}`, ...changes });
      await this.log(event.tenant_id).append(event);
      events.push(event);
    }
    return events;
  }

  seal(tenant_id = ACME): Promise<readonly Seal[]> {
    return sealTenant(this.log(tenant_id), tenant_id, this.clock.now_ms());
  }

  verify(kept?: Verification['head']): Promise<Verification> {
    const now_ms = this.clock.now_ms();
    return verify(walkAll(this.log(), now_ms), { tenant_id: ACME, now_ms, kept: kept ?? undefined });
  }

  /** `kind event_id` of each. */
  async findings(): Promise<readonly string[]> {
    return (await this.verify()).findings.map(nameOf).sort();
  }

  async stored(): Promise<readonly AuditEvent[]> {
    const events: AuditEvent[] = [];
    for await (const { event } of walkAll(this.log(), this.clock.now_ms())) if (event !== null) events.push(event);
    return events;
  }

  async seals(): Promise<readonly AuditEvent[]> {
    return (await this.stored()).filter(({ action }) => action === SEAL_ACTION);
  }

  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.close()));
    await this.intruder.close();
  }
}

export function nameOf(finding: Finding): string {
  return `${finding.kind} ${'event_id' in finding ? finding.event_id : ''}`.trimEnd();
}

function inFile(folder: string, file: string): Intruder {
  const db = new Driver(file);
  const triggers = db.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  const run = (sql: string, ...values: unknown[]) => {
    if (db.prepare(sql).run(...values).changes !== 1) throw new Error(`nothing was done: ${sql}`);
    return Promise.resolve();
  };
  return {
    change: (event_id, fields) => {
      const set = Object.keys(fields).map((name) => `${name} = ?`);
      return run(`UPDATE audit_log SET ${set.join(', ')} WHERE event_id = ?`, ...Object.values(fields), event_id);
    },
    remove: (event_id) => run('DELETE FROM audit_log WHERE event_id = ?', event_id),
    put: (event) => {
      const names = Object.keys(event);
      const sql = `INSERT INTO audit_log (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
      return run(sql, ...Object.values<string | number | null>({ ...event }));
    },
    close: () => {
      db.close();
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

function inProject(project_id: string): Intruder {
  const firestore = connectWitness(project_id);
  const at = (event_id: string) => firestore.collection('audit_log').doc(event_id);
  return {
    change: async (event_id, fields) => {
      await at(event_id).update(fields);
    },
    remove: async (event_id) => {
      await at(event_id).delete({ exists: true });
    },
    put: async (event) => {
      await at(event.event_id).create(auditEvents.write(event));
    },
    close: () => firestore.terminate(),
  };
}
