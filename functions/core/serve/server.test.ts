import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer, listen } from './server.ts';

describe('the server of a box', () => {
  let server: Server;
  let port: number;

  before(async () => {
    const limits = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 25, maxHeaderSize: 1_024 };
    const answer: RequestListener = ({ url }, out) => {
      if (url === '/answered') out.end('so');
      if (url === '/begun') out.write('beginning');
    };
    server = createServer(answer, undefined, limits);
    port = Number(new URL(await listen(server, '127.0.0.1', 0, false)).port);
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  async function say(bytes: string): Promise<{ socket: Socket; heard: Promise<string> }> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    return { socket, heard: text(socket) };
  }

  for (const [what, bytes] of [
    ['is no HTTP', 'HELO box\r\n\r\n'],
    ['has too long headers', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(2_000)}\r\n\r\n`],
    ['never ends its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow'],
    ['never ends its body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12'],
    [
      'smuggles a second length',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
  ] as const) {
    it(`tells a request that ${what} so, and cuts it off`, async () => {
      const { heard } = await say(bytes);
      const answer = await heard;
      assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert.match(answer, /application\/problem\+json/);
      assert.match(answer, /"code":"malformed_request"/);
    });
  }

  it('tells it on a connection, too, that was answered before', async () => {
    const { socket, heard } = await say('GET /answered HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.write('HELO box\r\n\r\n');
    assert.match(
      await heard,
      /^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nsoHTTP\/1\.1 400 Bad Request[\s\S]*"malformed_request"/,
    );
  });

  it('puts no such word into the middle of an answer', async () => {
    const { socket, heard } = await say('GET /begun HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.write('HELO box\r\n\r\n');
    assert.doesNotMatch(await heard.catch(String), / 400 /);
  });

  it('answers a request that expects what nobody knows', async () => {
    const { heard } = await say('GET /answered HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nConnection: close\r\n\r\n');
    assert.match(await heard, /^HTTP\/1\.1 200 /);
  });

  it('says in words why it cannot listen', async () => {
    const second = createServer(() => undefined);
    await assert.rejects(listen(second, '127.0.0.1', port, false), /Port \d+ on 127\.0\.0\.1 is in use.*--port/);
    await assert.rejects(
      listen(
        createServer(() => undefined),
        '203.0.113.7',
        0,
        false,
      ),
      /no address of this machine/,
    );
  });

  it('does not start with a certificate that is none', () => {
    const junk = Buffer.from('junk');
    assert.throws(() => createServer(() => undefined, { cert: junk, key: junk }), /PEM pair that belongs together/);
  });
});
