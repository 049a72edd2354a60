/** What Firestore is told of a box's moves: whoever reads `system/flags` there must see how far the box really is. */
import assert from 'node:assert/strict';
import { systemClock } from '@bas/core/clock';
import { isPublished, publish } from '@bas/core/cutover/claim';
import { BY_COMMAND, BY_ITSELF, cutoverEvent } from '@bas/core/cutover/events';
import { finalize } from '@bas/core/cutover/finalize';
import { rollback } from '@bas/core/cutover/rollback';
import { guardCutover } from '@bas/core/cutover/schedules';
import { startPublishing } from '@bas/core/cutover/start-publishing';
import { status } from '@bas/core/cutover/status';
import { Problem } from '@bas/core/errors';
import { ALL_FIRESTORE, CONCERNS, type Concern, type Flags } from '@bas/core/model/flags';
import { connectWitness, emulatorHost } from '@bas/core/stores/firestore/harness';
import type { Mirror } from '@bas/core/stores/mirror';
import { incoming } from '@bas/core/stores/suite/fixtures';
import { describeStatus } from '../../scripts/lib/cutover-report.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import {
  furnish,
  mirrorWith,
  move,
  moveTelemetry,
  openMovingBox,
  post,
  refused,
  until,
  type MovingBox,
} from './support/moving-box.ts';

const GONE = { fault: { kind: 'status', status: 'PERMISSION_DENIED', message: 'gone' } } as const;

describe('what the cloud is told of a box', function () {
  this.timeout(60_000);
  let box: MovingBox;
  let close: (() => unknown)[];

  beforeEach(async () => {
    close = [];
    box = await openMovingBox();
    const [device = assert.fail()] = await furnish(box, 1);
    const now_ms = systemClock.now_ms();
    await post(box, device, incoming([now_ms, { n: 1 }]), { now_ms });
    await moveTelemetry(box, 'firestore');
    await move(box, 'audit');
    await move(box, 'auth');
  });
  afterEach(async () => {
    for (const one of close.reverse()) await one();
    await box.close();
  });

  const told = async (project_id = box.project_id) => {
    const client = connectWitness(project_id);
    const flags = await client.doc('system/flags').get();
    await client.terminate();
    return flags;
  };
  const phases = async () => {
    const flags = await told();
    return CONCERNS.map((concern) => String(flags.get(concern)));
  };
  /** The same box as its server has it, which tells what is owed. */
  const serve = async (of: MovingBox = box): Promise<void> => {
    const publishing = await startPublishing(of.suite);
    close.push(() => publishing?.stop() ?? assert.fail('nothing is published'));
  };
  const behindProxy = async (): Promise<[GrpcProxy, MovingBox]> => {
    const proxy = await startGrpcProxy(emulatorHost());
    const away = await proxy.lead(() => openMovingBox({ of: box, host: proxy.host }));
    close.push(
      () => proxy.close(),
      () => away.close(),
      () => {
        proxy.resume();
      },
    );
    return [proxy, away];
  };

  it('is every move, and every rollback as soon as it was made', async () => {
    assert.deepEqual(await phases(), ['firestore', 'firestore', 'firestore']);
    const back = (concern: Concern, to: 'sqlite' | 'dual') => rollback(box.parts, concern, BY_COMMAND, 'a test', to);
    await back('auth', 'sqlite');
    assert.deepEqual(await phases(), ['firestore', 'firestore', 'sqlite']);
    await back('audit', 'sqlite');
    await back('telemetry', 'dual');
    assert.deepEqual(await phases(), ['dual', 'sqlite', 'sqlite']);
    await back('telemetry', 'sqlite');
    assert.deepEqual(await phases(), ['sqlite', 'sqlite', 'sqlite']);
  });

  it('is owed while Firestore is away: the server goes on trying, and tells it when Firestore is back', async () => {
    const [proxy, away] = await behindProxy();
    proxy.rules.add(GONE);
    await rollback(away.parts, 'telemetry', BY_COMMAND, 'an outage');
    proxy.counts.reset();
    await serve(away);
    await until(() => proxy.counts.calls() > 1);
    assert.match(describeStatus(await status(away.parts)), /the cloud does not know of the last move yet/);
    assert.deepEqual(await phases(), ['firestore', 'firestore', 'firestore']);
    proxy.rules.clear();
    await until(() => isPublished(away.parts.journal));
    assert.deepEqual(await phases(), ['sqlite', 'firestore', 'firestore']);
    assert.doesNotMatch(describeStatus(await status(away.parts)), /the cloud does not know/);
  });

  it('keeps nobody waiting who rolls back', async () => {
    const [proxy, away] = await behindProxy();
    proxy.pause();
    const started = performance.now();
    await rollback(away.parts, 'telemetry', BY_COMMAND, 'an outage');
    assert(performance.now() - started < 4_000);
    assert.equal(away.parts.journal.flags().telemetry, 'sqlite');
    proxy.resume();
  });

  it('is owed by the box, whoever made the move and whichever process is there when Firestore is back', async () => {
    const [proxy, away] = await behindProxy();
    proxy.rules.add(GONE);
    await rollback(away.parts, 'telemetry', BY_COMMAND, 'an outage');
    await serve();
    await until(async () => (await phases())[0] === 'sqlite', { limit_ms: 5_000 });
  });

  it('is what the guard turned back, too', async () => {
    await serve();
    box.suite.watch.reads.tenantLeak();
    assert.match(await guardCutover(box.suite), /tenant_leak/);
    await until(async () => (await phases()).every((phase) => phase === 'sqlite'), { limit_ms: 5_000 });
  });

  it('is nothing that is so for a moment only', async () => {
    const { journal } = box.parts;
    const facts = { outcome: 'success', target: 'box', detail: 'as this test begins' } as const;
    const audit = cutoverEvent(box.parts, BY_ITSELF, 'cutover.advance', facts);
    const soon_ms = systemClock.now_ms() + 60_000;
    await journal.move(({ flags }) => ({ flags: { ...flags, closing_until_ms: soon_ms }, audit }));
    assert.equal(await isPublished(journal), true);
  });

  it('is never older than what it was told before', async () => {
    const { mirror, journal } = box.parts;
    const box_id = await journal.boxId('somebody');
    let updated_ms = 0;
    const written = await Promise.all(
      Array.from({ length: 8 }, () =>
        mirror.writeFlags(() => ({ flags: journal.flags(), updated_ms: (updated_ms += 1), box_id })),
      ),
    );
    assert.equal(new Set(written.map((one) => one.updated_ms)).size, 8);
    assert.equal((await told()).get('updated_ms'), Math.max(...written.map((one) => one.updated_ms)));
  });

  it('is that it was finalized, even when the one who did it died before telling', async () => {
    const gone = () => Promise.reject(new Problem('store_unavailable', 'gone'));
    const { mirror, journal } = box.parts;
    const putRows: Mirror['putRows'] = (...put) => (journal.flags().finalized ? gone() : mirror.putRows(...put));
    const dying = { ...box.parts, mirror: mirrorWith(mirror, { putRows, writeFlags: gone }) };
    await assert.rejects(finalize(dying, BY_COMMAND));
    assert.equal(journal.flags().finalized, true);
    assert.equal((await told()).get('finalized'), false);
    await serve();
    await until(async () => (await told()).get('finalized') === true, { limit_ms: 5_000 });
    assert.deepEqual(await box.firestore.auditEvents('system'), await box.sqlite.auditEvents('system'));
  });

  it('is not taken back: an older copy of a finalized box cannot close the cloud again', async () => {
    const { mirror, journal } = box.parts;
    const box_id = await journal.boxId('somebody');
    const finalized: Flags = { ...ALL_FIRESTORE, finalized: true };
    await mirror.writeFlags(() => ({ flags: finalized, updated_ms: 1, box_id }));
    assert.match((await refused(publish(box.parts))).join(), /finalized: this file is an older copy/);
    await rollback(box.parts, 'auth', BY_COMMAND, 'an old copy');
    assert.match((await refused(move(box, 'auth'))).join(), /this file is an older copy/);
    assert.equal((await told()).get('finalized'), true);
  });
});
