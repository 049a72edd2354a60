/** Both stores as they are, read past the code under test: SQLite's tables and Firestore's documents. */
import Driver from 'better-sqlite3';
import * as z from 'zod';

const Point = z.object({ tenant_id: z.string(), device_id: z.string(), timestamp_ms: z.number(), metrics: z.string() });

const Event = z.object({
  event_id: z.string(),
  tenant_id: z.string(),
  action: z.string(),
  outcome: z.string(),
  target: z.string().nullable(),
  source: z.string(),
  detail: z.string().nullable(),
});
export type StoredEvent = z.infer<typeof Event>;

/** The box's file. */
export class SqliteTables {
  readonly #db: Driver.Database;

  constructor(file: string) {
    this.#db = new Driver(file, { readonly: true });
  }

  close(): void {
    this.#db.close();
  }

  /** `tenant/device time` and the text of its metrics. */
  points(): ReadonlyMap<string, string> {
    const rows = z.array(Point).parse(this.#db.prepare('SELECT * FROM telemetry').all());
    return new Map(rows.map((row) => [`${row.tenant_id}/${row.device_id} ${row.timestamp_ms}`, row.metrics]));
  }

  /** Oldest first. */
  events(): readonly StoredEvent[] {
    return z.array(Event).parse(this.#db.prepare('SELECT * FROM audit_log ORDER BY timestamp_ms, rowid').all());
  }

  /** How much Firestore lacks: buckets, and rows whose own move may still be to come. */
  undelivered(): { readonly buckets: number; readonly rows: number } {
    const buckets = 'SELECT count(*) FROM telemetry_buckets WHERE delivered_version < version';
    const found = this.#db.prepare(`SELECT (${buckets}) AS buckets, (SELECT count(*) FROM journal) AS rows`).get();
    return z.object({ buckets: z.number(), rows: z.number() }).parse(found);
  }
}

const Text = z.object({ stringValue: z.string() });
const Whole = z.object({ integerValue: z.string() });
const Bucket = z.object({
  tenant_id: Text,
  device_id: Text,
  timestamp_ms: Whole,
  points: z.object({ mapValue: z.object({ fields: z.record(z.string(), Text).default({}) }) }),
});
const text = Text.transform(({ stringValue }) => stringValue);
const textOrNull = z.union([text, z.object({ nullValue: z.null() }).transform(() => null)]);
const EventDocument = z.object({
  event_id: text,
  tenant_id: text,
  action: text,
  outcome: text,
  target: textOrNull,
  source: text,
  detail: textOrNull,
});
const Page = z.object({
  documents: z.array(z.object({ fields: z.unknown() })).default([]),
  nextPageToken: z.string().optional(),
});

/** An emulator's documents, over its REST interface. */
export class FirestoreDocuments {
  readonly #root: string;

  constructor(host: string, project_id: string) {
    this.#root = `http://${host}/v1/projects/${project_id}/databases/(default)/documents`;
  }

  async points(): Promise<ReadonlyMap<string, string>> {
    const points = new Map<string, string>();
    for (const fields of await this.#all('telemetry')) {
      const bucket = Bucket.parse(fields);
      const device = `${bucket.tenant_id.stringValue}/${bucket.device_id.stringValue}`;
      for (const [offset, { stringValue }] of Object.entries(bucket.points.mapValue.fields)) {
        points.set(`${device} ${Number(bucket.timestamp_ms.integerValue) + Number(offset)}`, stringValue);
      }
    }
    return points;
  }

  /** In no order. */
  async events(): Promise<readonly StoredEvent[]> {
    return z.array(EventDocument).parse(await this.#all('audit_log'));
  }

  async #all(collection: string): Promise<readonly unknown[]> {
    const found: unknown[] = [];
    let pageToken = '';
    do {
      const answer = await fetch(`${this.#root}/${collection}?pageSize=300&pageToken=${pageToken}`, {
        headers: { authorization: 'Bearer owner' },
      });
      const page = Page.parse(await answer.json());
      found.push(...page.documents.map(({ fields }) => fields));
      pageToken = page.nextPageToken ?? '';
    } while (pageToken !== '');
    return found;
  }
}
