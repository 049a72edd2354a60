import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { DevicePoster } from './post.ts';

interface Scripted {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: object;
  /** Drops the connection instead of answering. */
  readonly drop?: boolean;
}

const RECEIPT = { accepted: 1, duplicates: 0, rejected: [] };
const POINTS = [{ timestamp_ms: 1, metrics: { value: 1 } }];

describe('posting as a device', () => {
  let server: Server;
  let answers: Scripted[] = [];
  let waits: number[] = [];

  before(async () => {
    server = createServer((request, response) => {
      const { status, headers = {}, body = {}, drop = false } = answers.shift() ?? { status: 500 };
      request.resume();
      if (drop) request.socket.destroy();
      else response.writeHead(status, { connection: 'close', ...headers }).end(JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => void server.close());
  beforeEach(() => {
    waits = [];
  });

  function poster(): DevicePoster {
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const sleep = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
    const target = { base_url: `http://127.0.0.1:${port}`, tenant_header: 'X-BAS-Tenant', tenant_id: 't' };
    return new DevicePoster({ ...target, device_id: 'd', key: 'k' }, sleep);
  }

  it('waits as long as a 429 and a 503 say, and sends the same again', async () => {
    answers = [
      { status: 429, headers: { 'retry-after': '37' } },
      { status: 503, headers: { 'retry-after': '5' } },
      { status: 200, body: RECEIPT },
    ];
    assert.deepEqual(await poster().post(POINTS), RECEIPT);
    assert.deepEqual(waits, [37_000, 5_000]);
  });

  it('sends again, ever later, when the answer was lost', async () => {
    answers = [
      { status: 200, body: RECEIPT },
      { status: 0, drop: true },
      { status: 0, drop: true },
      { status: 200, body: { ...RECEIPT, accepted: 0, duplicates: 1 } },
    ];
    const device = poster();
    await device.post(POINTS);
    assert.equal((await device.post(POINTS)).duplicates, 1);
    assert.equal(waits.length, 2);
    assert.ok((waits[1] ?? 0) > (waits[0] ?? 0));
  });

  it('takes a refusal of all points as a receipt', async () => {
    const rejected = [{ index: 0, code: 'conflict', detail: 'why' }];
    answers = [{ status: 422, body: { code: 'nothing_accepted', detail: '', rejected } }];
    assert.deepEqual(await poster().post(POINTS), { accepted: 0, duplicates: 0, rejected });
  });

  it('gives up at once when trying again cannot help', async () => {
    answers = [{ status: 401, body: { code: 'unauthenticated', detail: 'No.' } }];
    await assert.rejects(poster().post(POINTS), /unauthenticated.*BAS_DEVICE_KEY/);
    answers = [{ status: 404, body: [] }];
    await assert.rejects(poster().post(POINTS), /404: check --url/);
    answers = [{ status: 0, drop: true }];
    await assert.rejects(poster().post(POINTS), /hung up without an answer.*https/);
    assert.deepEqual(waits, []);
  });

  it('gives up in the end when the service stays away', async () => {
    answers = [];
    await assert.rejects(poster().post(POINTS), /after many tries \(last: status 500\)/);
  });
});
