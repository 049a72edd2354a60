/** Firestore takes 1 MiB in a document, and refuses what goes beyond it for good. */
import assert from 'node:assert/strict';
import { usageDay, usageShard, type UsageRow } from '../model/usage.ts';
import type { LogFields, Severity } from '../observability/log.ts';
import { Meter } from '../observability/meter.ts';
import { openFirestoreHarness } from '../stores/firestore/harness.ts';
import { ACME, GLOBEX, NOW_MS } from '../stores/suite/fixtures.ts';
import type { StoreHarness } from '../stores/suite/harness.ts';
import { UsageRecorder } from './recorder.ts';

const FUNCTION = 'recentTelemetry';
const DAY = usageDay(NOW_MS);
const nameOf = (shard: number): string => {
  for (let n = 0; ; n += 1) if (usageShard(`pump-${n}`) === shard) return `pump-${n}`;
};

describe("A tenant's document of usage that is full", function () {
  this.timeout(30_000);
  const lines: { severity: Severity; fields: LogFields | undefined }[] = [];
  let harness: StoreHarness;
  let recorder: UsageRecorder;

  before(async () => {
    harness = await openFirestoreHarness();
    await fill(harness);
    recorder = new UsageRecorder({
      clock: { now_ms: () => NOW_MS },
      logger: { log: (severity, _, fields) => lines.push({ severity, fields }) },
      backend: () => Promise.resolve(harness.backend),
    });
  });
  beforeEach(() => lines.splice(0));
  after(() => harness.close());

  const charge = (device_id: string | null, points: number, name = FUNCTION, tenant_id = ACME): void => {
    const meter = new Meter();
    meter.countPoints(points);
    recorder.charge(meter, { tenant_id, function: name, device_id });
  };
  const stored = async (device_id: string | null, tenant_id = ACME) =>
    (await harness.raw.usage(tenant_id))
      .filter((row) => row.function === FUNCTION && row.device_id === device_id)
      .map(({ shard, points }) => [shard, points]);

  it('is followed by others; only what belongs into no other is told of the tenant as a whole', async () => {
    charge(nameOf(5), 7);
    charge(nameOf(0), 11);
    await recorder.writeAll(10_000);
    assert.deepEqual(await stored(nameOf(5)), [[5, 7]]);
    assert.deepEqual([await stored(nameOf(0)), await stored(null)], [[], [[0, 1 + 11]]]);
    assert.deepEqual(lines, []);
  });

  it('keeps nobody else waiting with what can be told nowhere, which is lost with one line', async () => {
    charge(null, 3, 'aFunctionWithALongName'.repeat(20));
    charge(nameOf(5), 1, FUNCTION, GLOBEX);
    await recorder.writeAll(10_000);
    assert.deepEqual(await stored(nameOf(5), GLOBEX), [[0, 1]]);
    assert.deepEqual(
      lines.map(({ severity, fields }) => [severity, fields?.tenant_id]),
      [['ERROR', ACME]],
    );
    await recorder.writeAll(10_000);
    assert.equal(lines.length, 1);
  });
});

/** Until not even one more device with a short name fits. */
async function fill({ backend }: StoreHarness): Promise<void> {
  const { usage } = backend.withMeter(new Meter()).forTenant(ACME);
  const row = (device_id: string | null): UsageRow => {
    return { function: FUNCTION, device_id, reads: 0, writes: 0, deletes: 0, points: 1 };
  };
  await usage.add({ day: DAY, shard: 0, rows: [row(null)] });
  let filler = 0;
  for (const [count, name] of [
    [400, 'x'.repeat(100)],
    [20, 'x'.repeat(100)],
    [1, 'x'],
  ] as const) {
    const add = (): Promise<void> => {
      const rows = Array.from({ length: count }, () => row(`${name}${(filler += 1).toString(36)}`));
      return usage.add({ day: DAY, shard: 0, rows });
    };
    for (let full = false; !full;) full = await add().then(() => false, isTooLarge);
  }
}

function isTooLarge(error: unknown): true {
  assert.match(String(error), /INVALID_ARGUMENT: maximum entity size/);
  return true;
}
