/** The yardstick for the SQLite home: nothing but node:http and the same query. Prints its URL. Argument: the file. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import { DEVICE_ID, TENANT_ID } from './fixture.ts';

interface Row {
  readonly timestamp_ms: number;
  readonly metrics: string;
}

const database = new Database(process.argv[2] ?? '', { readonly: true });
const query = database.prepare<[string, string], Row>(
  'SELECT timestamp_ms, metrics FROM telemetry WHERE tenant_id = ? AND device_id = ? ORDER BY timestamp_ms DESC LIMIT 100',
);
const server = createServer((_request, response) => {
  const points = query.all(TENANT_ID, DEVICE_ID).map(({ timestamp_ms, metrics }) => {
    return `{"timestamp_ms":${String(timestamp_ms)},"metrics":${metrics}}`;
  });
  const body = `{"device_id":"${DEVICE_ID}","points":[${points.join(',')}],"next_cursor":null}`;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${String(port)}\n`);
});
process.once('SIGTERM', () => process.exit(0));
