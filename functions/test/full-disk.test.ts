/** A box whose disk is full, or may not be written: what devices are told, and what is kept. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CrashBox, TENANT } from '../crash/box.ts';
import { checkAnswers, checkFile, noFindings } from '../crash/check.ts';
import { History, type Batch, type DeviceHistory } from '../crash/history.ts';
import { Caller, HttpClient, type Answer } from './support/client.ts';
import { deviceCaller } from './support/people.ts';
import { endProcess, fill, firstAddress, seenFromOutside, spawnOnDisk, type DiskOptions } from './support/own-disk.ts';

const SIZE_BYTES = 4 * 2 ** 20;
const POINTS = 500;

interface Posting {
  readonly device: DeviceHistory;
  readonly caller: Caller;
}

describe('a box whose disk', function () {
  this.timeout(90_000);
  let box: CrashBox;
  let operator: Caller['headers'];
  let began_ms: number;

  beforeEach(async () => {
    box = new CrashBox();
    operator = await box.furnish();
    mkdirSync(join(box.folder, 'disk'));
    began_ms = Date.now();
  });
  afterEach(() => box.remove());

  async function register(client: HttpClient, history: History, device_id: string): Promise<Posting> {
    const device = history.begin(device_id);
    const answer = await new Caller(client, operator).post('/v1/devices', { device_id });
    assert.equal(answer.status, 201, answer.text);
    device.registration = 'ok';
    return { device, caller: deviceCaller(client, TENANT, String(answer.member('key'))) };
  }

  async function post({ device, caller }: Posting): Promise<Answer> {
    const from_ms = began_ms - device.batches.length * POINTS;
    const points = Array.from({ length: POINTS }, (_, at) => {
      return { timestamp_ms: from_ms - at, metrics: { value: at, batch: device.batches.length } };
    });
    const batch: Batch = { points, sendings: [], accepted: 0 };
    device.batches.push(batch);
    const answer = await caller.post('/v1/telemetry', { device_id: device.device_id, points });
    batch.sendings.push(answer.status === 200 ? 'ok' : 'info');
    return answer;
  }

  const isRefusal = ({ status, code, headers }: Answer): boolean =>
    status === 503 && code === 'store_unavailable' && Number(headers['retry-after']) > 0;

  it('is full refuses points, keeps what it acknowledged, answers dashboards, and goes on when there is room', async () => {
    const options: DiskOptions = { data: box.folder, size_bytes: SIZE_BYTES };
    const child = spawnOnDisk(options);
    const logged = text(child.stderr);
    const client = new HttpClient(await firstAddress(child));
    try {
      const history = new History();
      const senders: Posting[] = [];
      for (let n = 0; n < 20; n += 1) senders.push(await register(client, history, `pump-${n}`));
      const [first, ...others] = senders;
      assert(first !== undefined);
      assert.equal((await post(first)).status, 200);
      const disk = seenFromOutside(child, options);
      const makeRoom = fill(disk);
      const answers: Answer[] = [];
      for (const sender of others) answers.push(await post(sender));
      const refused = answers.filter((answer) => answer.status !== 200);
      assert(refused.length > 10 && refused.every(isRefusal), answers.map(({ status }) => status).join());
      const findings = noFindings();
      await checkAnswers(new Caller(client, operator), history.devices, findings);
      makeRoom();
      for (const sender of others) assert.equal((await post(sender)).status, 200);
      await checkAnswers(new Caller(client, operator), history.devices, findings);
      // SQLite would follow the way there back to this process's own disk.
      const copy = join(box.folder, 'copy.sqlite');
      for (const end of ['', '-wal']) copyFileSync(join(disk, `bas.sqlite${end}`), `${copy}${end}`);
      checkFile(copy, history.devices, findings);
      assert.deepEqual(findings, noFindings());
    } finally {
      client.close();
      await endProcess(child);
    }
    assert.match(await logged, /disk is full/);
  });

  it('may not be written says so at the start, and what to do', async () => {
    const child = spawnOnDisk({ data: box.folder, size_bytes: 'read-only' });
    const [told, printed] = [text(child.stderr), text(child.stdout)];
    const [code] = (await once(child, 'exit')) as [number];
    assert.deepEqual([code, await printed], [1, '']);
    const lines = (await told).trimEnd().split('\n');
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(
      lines[0] ?? '',
      /^Cannot use .*bas\.sqlite as the data file: EROFS.*: let this user write to it and to its folder$/,
    );
  });
});
