/** Audit events of any size must reach Firestore, or say why not all of them did. */
import assert from 'node:assert/strict';
import { deliverRows } from '@bas/core/cutover/deliver-rows';
import { status } from '@bas/core/cutover/status';
import type { AuditEvent } from '@bas/core/model/audit';
import { Meter } from '@bas/core/observability/meter';
import { anEvent, NOW_MS } from '@bas/core/stores/suite/fixtures';
import { describeStatus } from '../../scripts/lib/cutover-report.ts';
import { MovableClock } from './support/movable-clock.ts';
import { deliveryOf, furnish, moveTelemetry, openMovingBox, tenantOf, type MovingBox } from './support/moving-box.ts';

const KIB = 1_024;

describe('audit events of a box', function () {
  this.timeout(60_000);
  let box: MovingBox;

  beforeEach(async () => {
    box = await openMovingBox({ clock: new MovableClock(NOW_MS) });
    await furnish(box, 1);
    await moveTelemetry(box, 'dual');
    const { flags } = await box.parts.journal.state();
    const audit = anEvent({ tenant_id: 'system' });
    await box.parts.journal.move(() => ({ flags: { ...flags, telemetry: 'firestore', audit: 'firestore' }, audit }));
    await deliveryOf(box).everything();
  });
  afterEach(() => box.close());

  const store = async (detail: string): Promise<AuditEvent> => {
    const event = anEvent({ detail });
    await (await tenantOf(box)).audit.append(event);
    return event;
  };
  const waiting = async () => (await box.parts.journal.state()).dirty.rows.audit;
  const inFirestore = async (event: AuditEvent) => {
    const { cloud } = box.parts;
    const log = cloud.reads.withMeter(new Meter()).forTenant(event.tenant_id).audit;
    const found = await log.query({ start_ms: 0, end_ms: NOW_MS * 2 }, { limit: 1_000 });
    return found.find(({ event_id }) => event_id === event.event_id) ?? assert.fail('it is not in Firestore');
  };

  it('are delivered however large they are together', async () => {
    const events = await Promise.all(Array.from({ length: 60 }, (_, n) => store(String(n % 10).repeat(200 * KIB))));
    await deliveryOf(box).everything();
    assert.equal(await waiting(), 0);
    for (const event of [events[0], events.at(-1)]) {
      assert.deepEqual(await inFirestore(event ?? assert.fail()), event);
    }
  });

  it('travel in commits of bounded size, small ones many at once', async () => {
    for (let n = 0; n < 10; n += 1) await store('x'.repeat(300 * KIB));
    const sizes: number[] = [];
    for (;;) {
      const rows = await deliverRows(box.parts, ['audit']);
      if (rows === 0) break;
      sizes.push(rows);
    }
    assert.deepEqual(sizes, [3, 3, 3, 1]);
    for (let n = 0; n < 10; n += 1) await store('x');
    assert.equal(await deliverRows(box.parts, ['audit']), 10);
  });

  it('that no document can hold are cut, say so, and are named by status', async () => {
    const before = await store('before');
    const large = await store('ä'.repeat(KIB * KIB));
    const after = await store('after');
    await deliveryOf(box).everything();
    assert.equal(await waiting(), 0);
    for (const event of [before, after]) assert.deepEqual(await inFirestore(event), event);
    const cut = await inFirestore(large);
    assert.deepEqual({ ...cut, detail: null }, { ...large, detail: null });
    assert.match(cut.detail ?? '', /^ä{32768}… \(cut: 2,097,152 bytes in the box's file, SHA-256 [0-9a-f]{64}\)$/);
    const stands = await status(box.parts);
    assert.deepEqual(stands.cut_events, [large.event_id]);
    assert.match(describeStatus(stands), new RegExp(`1 audit event cut, .*\\n +${large.event_id}\\n`));
    const [row] = box.db
      .prepare<[string], { detail: string }>('SELECT detail FROM audit_log WHERE event_id = ?')
      .all(large.event_id);
    assert.equal(row?.detail, large.detail);
  });

  it('that were cut are named once, however often they are delivered', async () => {
    const events = [await store('x'.repeat(KIB * KIB)), await store('y'.repeat(KIB * KIB))];
    await deliveryOf(box).everything();
    const marks = events.map((row) => ({ kind: 'audit', row }) as const);
    await box.parts.journal.mark(marks, NOW_MS);
    await deliveryOf(box).everything();
    assert.deepEqual([...(await status(box.parts)).cut_events].sort(), events.map(({ event_id }) => event_id).sort());
  });
});
