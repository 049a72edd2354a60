/** Functions as their framework serves them, which ends the process at the signal; prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { doors } from '../../src/doors.ts';
import { https } from '../../src/runtime.ts';

process.on('SIGTERM', () => process.exit(7));
const ingest = https(doors.ingestTelemetry);
const server = createServer((request, response) => void ingest(request, response));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
