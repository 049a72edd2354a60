/**
 * Asks a server whose Firestore is not there for what people and devices ask for, all at once. A process of its own: the
 * SDK prefers its environment variable to the host it is given, and goes on trying for minutes.
 */
import ingestTelemetry from '../../src/https/ingest-telemetry.ts';
import login from '../../src/https/login.ts';
import recentTelemetry from '../../src/https/recent-telemetry.ts';
import type { Answer, Headers } from './client.ts';
import { startServer } from './server.ts';

/** One answer as this process tells of it. */
export interface Told {
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly took_ms: number;
}

const home = { kind: 'firestore', project_id: 'demo-dead', emulator_host: '127.0.0.1:1' } as const;
const server = await startServer({ store: 'firestore', doors: [login, ingestTelemetry, recentTelemetry], home });
const { client } = server;

async function ask(name: string, asking: (headers: Headers) => Promise<Answer>): Promise<Told> {
  const started_ms = performance.now();
  const answer = await asking({ 'x-bas-tenant': 'acme' });
  const { status, headers } = answer;
  return { name, status, headers, body: answer.json(), took_ms: performance.now() - started_ms };
}

const secret = 'A'.repeat(43);
const points = [{ timestamp_ms: 1, metrics: { t: 1 } }];
const told = await Promise.all([
  ask('login', (headers) =>
    client.send('POST', '/v1/login', { headers, json: { username: 'ada', password: 'correct horse' } }),
  ),
  ask('ingest', (headers) => {
    const authorization = `Bearer bas_${'0'.repeat(32)}_${secret}`;
    const json = { device_id: 'boiler-1', points };
    return client.send('POST', '/v1/telemetry', { headers: { ...headers, authorization }, json });
  }),
  ask('recent', (headers) => {
    const cookie = `__session=${secret}`;
    return client.send('GET', '/v1/telemetry/recent?device_id=boiler-1', { headers: { ...headers, cookie } });
  }),
]);
await server.close();
process.stdout.write(JSON.stringify(told), () => process.exit(0));
