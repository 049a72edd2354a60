/**
 * Root hooks of every run: what the gateways of this process count is held against what passes between the SDK and the
 * emulator. Other processes, and the witnesses with which tests look at documents, pass uncounted.
 */
import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RootHookObject } from 'mocha';
import { Meter, type Counts } from '@bas/core/observability/meter';
import { CallMeter } from './grpc-meter.ts';
import { disturbances, GrpcProxy } from './grpc-proxy.ts';

/** Files in whose tests the two counts may differ, and why. */
const DIFFERS: Readonly<Record<string, string>> = {
  'firestore/admission.test.ts': 'makes up counts that no store was asked for',
  'firestore/lost-acknowledgement.test.ts': 'makes the SDK repeat a transaction behind the gateway',
};

type Documents = Pick<Counts, 'reads' | 'writes' | 'deletes'>;

const metered = { reads: 0, writes: 0, deletes: 0 };
let held = false;
/** Whoever breaks connections keeps answers from the gateway that were billed: nobody can know them. */
const counting = (): boolean => held && disturbances.size === 0;

class RunMeter extends CallMeter {
  override meter(method: string, request: Buffer, client?: string): (message: Buffer) => void {
    const count = super.meter(method, request, client);
    return (message) => {
      if (counting()) count(message);
    };
  }
}

const passed = new RunMeter();
/** Where the emulator's place is taken, and the ports from which this process connects there. */
let standing: number | undefined;
const own = new Set<number>();
/** By test, how far the two counts had come apart when it ended. */
const apart: string[] = [];

/** Ends what would keep the process from ending. */
let leave = (): void => undefined;

function watchMeters(): void {
  const count = Meter.prototype.count;
  Meter.prototype.count = function (this: Meter, counted: Partial<Counts>): void {
    if (counting()) {
      metered.reads += counted.reads ?? 0;
      metered.writes += counted.writes ?? 0;
      metered.deletes += counted.deletes ?? 0;
    }
    count.call(this, counted);
  };
}

function watchSockets(): void {
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    let port: number | undefined;
    socket.once('connect', () => {
      // From a port that is in use for another address, another process may come here.
      if (socket.remotePort !== standing) return;
      port = socket.localPort;
      if (port !== undefined) own.add(port);
    });
    socket.once('close', () => port !== undefined && own.delete(port));
  });
}

/** Stands in the emulator's place: gRPC of this process is counted, all else goes through as it is. */
async function stand(target: string): Promise<string> {
  const proxy = new GrpcProxy(target, 1, passed);
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      if (own.has(socket.remotePort ?? 0) && first.toString('latin1').startsWith('PRI')) {
        proxy.accept(socket);
        return;
      }
      const emulator = connect(Number(port), host);
      emulator.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.on('close', () => emulator.destroy());
      socket.pipe(emulator).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  leave = () => {
    server.close();
    proxy.cut();
    for (const socket of sockets) socket.destroy();
  };
  standing = (server.address() as AddressInfo).port;
  return `127.0.0.1:${standing}`;
}

const seen = (): Documents => ({ reads: passed.reads, writes: passed.writes, deletes: passed.deletes });
const isEqual = (): boolean => JSON.stringify(metered) === JSON.stringify(seen());
const words = ({ reads, writes, deletes }: Documents): string => `${reads} reads, ${writes} writes, ${deletes} deletes`;

let before = '';

/** Before any test file is loaded: some make their clients then. */
const target = process.env['FIRESTORE_EMULATOR_HOST'];
if (target !== undefined) {
  watchMeters();
  watchSockets();
  process.env['FIRESTORE_EMULATOR_HOST'] = await stand(target);
}

export const mochaHooks: RootHookObject = {
  beforeEach(this: Mocha.Context) {
    const file = this.currentTest?.file ?? '';
    held = !Object.keys(DIFFERS).some((name) => file.endsWith(`/${name}`));
  },
  afterEach(this: Mocha.Context) {
    held = false;
    const now = isEqual() ? '' : `gateways ${words(metered)}; proxy ${words(seen())}`;
    if (now !== '' && now !== before) apart.push(`${this.currentTest?.fullTitle() ?? ''}: ${now}`);
    before = now;
  },
  async afterAll() {
    // What nobody waits for may still be on its way.
    for (let waits = 0; waits < 50 && !isEqual(); waits += 1) await sleep(100);
    leave();
    process.stdout.write(`\n  The gateways counted ${words(metered)}; the proxy ${words(seen())}.\n`);
    assert.deepEqual(metered, seen(), `the meters are wrong; they came apart in:\n${apart.slice(0, 20).join('\n')}`);
  },
};
