import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '@bas/core/config';
import { MINUTE_MS, HOUR_MS, DAY_MS } from '@bas/core/clock';
import { createSuite } from '@bas/core/suite';
import { Meter } from '@bas/core/observability/meter';
import { join } from 'node:path';
import { HttpClient } from './support/client.ts';
import { finished, serve, start } from './support/command.ts';
import { OperatedBox } from './support/operated-box.ts';
import { signIn } from './support/people.ts';

describe('the cutover by its command line', function () {
  this.timeout(180_000);
  let box: OperatedBox;

  beforeEach(() => {
    box = new OperatedBox();
  });
  afterEach(() => box.close());

  /** The newest points of acme's first device, as a dashboard sees them through the door. */
  async function looked(url: string): Promise<string> {
    const [tenant] = (await box.demo()).tenants;
    const [viewer, device] = [tenant?.users.find(({ role }) => role === 'viewer'), tenant?.devices[0]];
    assert.ok(tenant && viewer && device);
    const client = new HttpClient(url);
    const browser = await signIn(client, { tenant_id: tenant.tenant_id, ...viewer });
    const page = await browser.get(`/v1/telemetry/recent?device_id=${device.device_id}&limit=1000`);
    client.close();
    return page.text;
  }

  it('goes all the way, back and forth on it, and ends in the cloud', async () => {
    const { url } = await box.serve(['--demo']);
    const base_ms = Date.now() - HOUR_MS;
    await box.post(url, [base_ms, base_ms + MINUTE_MS]);
    assert.match(await box.done('status'), /^telemetry {2}sqlite\n +next: dual, now: npm run cutover -- advance tele/);

    assert.match(await box.done('advance telemetry --emulator'), /^telemetry: sqlite -> dual\. /);
    await box.delivered();
    assert.match(await box.done('compare'), /\n12 points in 6 buckets compared for 12 reads of Firestore\.\nNo diff/);
    // The box may have compared by itself as well.
    assert.match(
      await box.done('status'),
      /^telemetry {2}dual {6}since [\s\S]*\nproof {6}green since [\s\S]* (12 points in 6|24 points in 12) buckets/,
    );
    assert.match(await box.done('advance telemetry --emulator --min-green 0'), /^telemetry: dual -> firestore\. /);
    await box.post(url, [base_ms + 2 * MINUTE_MS]);
    await box.done('advance audit --emulator');
    assert.match(await box.done('advance auth --emulator'), /every session has ended\.\n$/);
    assert.match(await box.done(['rollback', 'auth', '--reason', 'a door test']), /^auth: firestore -> sqlite\. /);
    await box.done(['rollback', 'telemetry', '--to', 'dual', '--reason', 'slow reads']);
    assert.match(
      await box.done('status'),
      /^telemetry {2}dual .*\n[\s\S]*^audit {6}firestore .*\n[\s\S]*^auth {7}sqlite/m,
    );
    await box.done('compare');
    await box.done('advance telemetry --emulator --min-green 0');
    await box.done('advance auth --emulator');

    const shown = await box.cutover('finalize');
    assert.deepEqual([shown.code, shown.stderr], [1, 'Nothing was changed: --yes does it.\n']);
    assert.match(shown.stdout, /^Finalizing this box:\n(?: {2}\d\. .*\n){4}There is no way back\.\n$/);
    assert.equal((await box.standing()).flags.finalized, false);
    const before = await looked(url);
    assert.match(before, new RegExp(`"timestamp_ms":${String(base_ms + 2 * MINUTE_MS)}`));
    assert.match(await box.done('finalize --yes'), /^Finalized: /);
    assert.match(await box.done('status'), /^Finalized: .*no way back\.\n$/);
    assert.equal(await looked(url), before);
    const cloud = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1', ...box.env };
    const elsewhere = await serve(['--data', join(box.folder, 'elsewhere')], cloud);
    assert.equal(await looked(elsewhere.url), before);
    await elsewhere.stop();
  });

  it('tells a box that is started where it stands', async () => {
    await (await box.serve(['--demo'])).stop();
    await box.done('advance telemetry --emulator');
    const { stdout } = await (await box.serve()).stop();
    const project = box.env['GCP_PROJECT_ID'] ?? '';
    assert.match(
      stdout,
      new RegExp(`\\nMoving to Firestore project ${project}: telemetry dual, audit sqlite, auth sql`),
    );
  });

  it('names a point that differs with both values, holds the move, and repairs it', async () => {
    const { url } = await box.serve(['--demo']);
    const time_ms = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    await box.post(url, [time_ms]);
    await box.done('advance telemetry --emulator');
    await box.delivered();
    await box.done('compare');
    await box.tamper('ahu-1', '{"value":99.5}');

    const at = new Date(time_ms).toISOString();
    const ours = `{"value":${String(time_ms % 97)}}`;
    const found = await box.cutover('compare');
    assert.equal(found.code, 1);
    const named = ['1 bucket with differences, 1 point:', `  acme/ahu-1 at ${at}`, `    SQLite     ${ours}`];
    assert.ok(found.stdout.includes([...named, '    Firestore  {"value":99.5}', ''].join('\n')), found.stdout);
    assert.match(found.stdout, /^all +6 +6 +5 +1 +0$/m);
    const reasons = await box.refused('advance telemetry --emulator --min-green 0');
    assert.deepEqual(reasons, [`1 bucket not equal; acme/ahu-1 at ${at}: SQLite ${ours}, Firestore {"value":99.5}`]);
    assert.equal((await box.standing()).flags.telemetry, 'dual');

    const repaired = await box.cutover('compare --repair --json');
    assert.equal(repaired.code, 1);
    assert.match(repaired.stdout, /"repaired":1/);
    await box.delivered();
    assert.match(await box.done('compare'), /\nNo difference\.\n$/);
    await box.done('advance telemetry --emulator --min-green 0');
    const { platform_admin } = await box.demo();
    const client = new HttpClient(url);
    const events = await (await signIn(client, platform_admin)).get('/v1/audit?action=cutover.repair');
    assert.match(events.text, /"detail":"every row, and buckets that differ, to be delivered again: 1"/);
    client.close();
  });

  it('goes on with a comparison that was stopped by Ctrl-C', async () => {
    await (await box.serve(['--demo'])).stop();
    const buckets = await manyBuckets();
    const delivering = await box.serve();
    await box.done('advance telemetry --emulator');
    await box.delivered();
    await box.tamper('ahu-1', '{"value":99.5}');
    // A box compares by itself as well, and would go on with what was stopped.
    await delivering.stop();

    const child = start('cutover', ['compare', '--json', '--data', box.folder], box.env);
    const ended = finished(child);
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    // Under npm one Ctrl-C comes twice.
    await sleep(30);
    child.kill('SIGINT');
    const stopped = await ended;
    assert.equal(stopped.code, 130, stopped.stderr);
    const first = countOf(stopped.stdout);
    assert.ok(first > 0 && first < buckets, `${String(first)} of ${String(buckets)}`);
    // None when it was stopped before that bucket had its turn.
    const { differing } = (await box.standing()).proof;
    const { code, stdout, stderr } = await box.cutover('compare --json');
    assert.match(stderr, /^Going on where the last comparison stopped: .*--restart/);
    // The bucket that differed before the stop is looked at again, or its difference would be forgotten.
    assert.equal(code, 1);
    assert.equal(first + countOf(stdout), buckets + differing);
    assert.equal((await box.standing()).proof.differing, 1);
    await box.cutover('compare --repair');
    const again = await box.serve();
    await box.delivered();
    await again.stop();
    assert.match(await box.done('compare --restart'), new RegExp(`\\n${String(buckets)} points in`));
    assert.notEqual((await box.standing()).proof.green_since_ms, null);
  });

  function countOf(json: string): number {
    const { days } = JSON.parse(json) as { days: { buckets: number }[] };
    return days.reduce((sum, day) => sum + day.buckets, 0);
  }

  /** A point in each bucket of two months; answers how many buckets that is. */
  async function manyBuckets(): Promise<number> {
    const suite = createSuite(readConfig({ SQLITE_FILE: join(box.folder, 'bas.sqlite') }));
    const stores = (await suite.backend()).withMeter(new Meter());
    const now_ms = Date.now();
    let buckets = 0;
    for (const { tenant_id, devices } of (await box.demo()).tenants) {
      const { telemetry, devices: known } = stores.forTenant(tenant_id);
      for (const { device_id } of devices) {
        const device = await known.get(device_id);
        assert.ok(device);
        for (let day = 0; day < 60; day += 30) {
          const points = Array.from({ length: 30 }, (_, index) => ({
            index,
            timestamp_ms: now_ms - (day + index + 1) * DAY_MS,
            metrics: '{"value":1}',
          }));
          const outcome = await telemetry.write({ device, points, overwrite: false, now_ms: now_ms + day * MINUTE_MS });
          assert.equal(outcome.kind, 'done');
          buckets += points.length;
        }
      }
    }
    await suite.close();
    return buckets;
  }
});
