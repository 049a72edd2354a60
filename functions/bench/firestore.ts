/** What Firestore is asked and for how long: ours over HTTP beside the SDK's own calls, on one emulator, in turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FieldPath, Firestore, type Query } from '@google-cloud/firestore';
import { bucketAt, firstWidths } from '@bas/core/model/bucket';
import { DEVICE_ID, makeFixture, metricsAt, SPARE_DEVICES, TENANT_ID, type Fixture } from './fixture.ts';
import { parseMetrics } from '@bas/core/model/point';
import { HttpClient, type Answer } from '../test/support/client.ts';
import { ms, ratioRow, type Row } from './report.ts';
import { startServe } from './server-process.ts';
import { timeInTurn } from './stats.ts';

const POINTS = 10_000;
const ROUNDS = 60;
const MINUTE_MS = 60_000;

export async function measureFirestore(emulator_host: string): Promise<Row[]> {
  const project = `demo-bench-${String(process.pid)}`;
  const env = {
    GCP_PROJECT_ID: project,
    FIRESTORE_EMULATOR_HOST: emulator_host,
    USE_FIRESTORE_TELEMETRY: '1',
    USE_FIRESTORE_AUDIT: '1',
    USE_FIRESTORE_AUTH: '1',
  };
  const fixture = await makeFixture(env, POINTS);
  const sdk = new Firestore({ projectId: project, host: emulator_host, ssl: false });
  const data = mkdtempSync(join(tmpdir(), 'bas-bench-'));
  const uncached = await startServe(data, { ...env, READ_CACHE: 'identity' });
  const cached = await startServe(data, env);
  const [uncachedClient, cachedClient] = [new HttpClient(uncached.url), new HttpClient(cached.url)];
  try {
    await writeDocumentPerPoint(sdk, fixture.newest_ms);
    return [
      ...(await readRows(sdk, uncachedClient, fixture)),
      ...(await costRows(cachedClient, fixture)),
      ...(await ingestRows(sdk, cachedClient, fixture)),
    ];
  } finally {
    uncachedClient.close();
    cachedClient.close();
    await uncached.stop();
    await cached.stop();
    await sdk.terminate();
    rmSync(data, { recursive: true });
  }
}

async function readRows(sdk: Firestore, client: HttpClient, fixture: Fixture): Promise<Row[]> {
  const ours = (): Promise<unknown> => get(client, fixture);
  await get(client, fixture);
  // Session and device are known now; what is read is the query's: one bucket or two, by how full the newest is today.
  const buckets = reads(await get(client, fixture));
  const own = sdk.collection('telemetry').where('tenant_id', '==', TENANT_ID).where('device_id', '==', DEVICE_ID);
  const perPoint = sdk.collection('points').where('tenant_id', '==', TENANT_ID).where('device_id', '==', DEVICE_ID);
  const times = await timeInTurn(
    {
      ours,
      same_call: () => read(own.orderBy('timestamp_ms', 'desc').limit(buckets)),
      per_point: () => read(perPoint.orderBy('timestamp_ms', 'desc').limit(100)),
    },
    ROUNDS,
  );
  const { ours: http, same_call, per_point } = times;
  const note = (a: { p50_ms: number }, b: { p50_ms: number }): string => `${ms(a.p50_ms)} / ${ms(b.p50_ms)}`;
  return [
    ratioRow(
      'last 100 over HTTP on Firestore, no point from memory / the identical SDK call, P50',
      http.p50_ms / same_call.p50_ms,
      '<=',
      1.6,
      note(http, same_call),
    ),
    ratioRow(
      `last 100, document per point / ours over HTTP, ${POINTS.toLocaleString('en')} stored, P50`,
      per_point.p50_ms / http.p50_ms,
      '>=',
      7,
      note(per_point, http),
    ),
    { measure: 'last 100 over HTTP, P50', value: ms(http.p50_ms), bar: '<= 300 ms', holds: http.p50_ms <= 300 },
    { measure: 'last 100 over HTTP, P95', value: ms(http.p95_ms), bar: '<= 800 ms', holds: http.p95_ms <= 800 },
  ];
}

/** What the SDK's user gets: the documents' data. */
async function read(query: Query): Promise<unknown> {
  return (await query.get()).docs.map((document) => document.data());
}

function reads(answer: Answer): number {
  return Number(answer.headers['x-read-count']);
}

async function costRows(client: HttpClient, fixture: Fixture): Promise<Row[]> {
  const cold = await get(client, fixture);
  const again = await get(client, fixture);
  const repeated = await get(client, fixture, { 'if-none-match': cold.headers.etag ?? '' });
  return [
    { measure: 'documents read: first last 100 (session and device check included)', value: String(reads(cold)) },
    { measure: 'documents read: last 100 again, session and device known', value: String(reads(again)) },
    {
      measure: `documents read: poll with ETag while fresh (${String(repeated.status)})`,
      value: String(reads(repeated)),
      bar: '0',
      holds: reads(repeated) === 0,
    },
  ];
}

/**
 * Ours counts duplicates, keeps the budget and merges; the raw write does nothing of that. The budget allows each device
 * five posts a minute, so the posts go round the spare devices, each of which has posted once before.
 */
async function ingestRows(sdk: Firestore, client: HttpClient, fixture: Fixture): Promise<Row[]> {
  const { start_ms } = bucketAt(firstWidths(MINUTE_MS), fixture.newest_ms);
  const raw = sdk.collection('raw').doc('bucket');
  await raw.set({ tenant_id: TENANT_ID, device_id: DEVICE_ID, timestamp_ms: start_ms, points: {} });
  const written: string[] = [];
  let round = 0;
  const ours = async (): Promise<void> => {
    const device_id = SPARE_DEVICES[(round += 1) % SPARE_DEVICES.length] ?? DEVICE_ID;
    const response = await post(client, fixture, device_id, fixture.newest_ms + round);
    if (response.status !== 200) throw new Error(`POST answered ${String(response.status)}`);
    written.push(String(response.headers['x-write-count']));
  };
  const rawWrite = (): Promise<unknown> => raw.update(new FieldPath('points', String(round)), metricsAt(round));
  for (let primed = 0; primed < SPARE_DEVICES.length; primed += 1) await ours();
  const times = await timeInTurn({ ours, rawWrite }, 2 * SPARE_DEVICES.length);
  const ratio = times.ours.p50_ms / times.rawWrite.p50_ms;
  return [
    { measure: 'documents written: one post of one point', value: [...new Set(written)].join(', ') },
    {
      measure: 'ingest of one point over HTTP / the raw write, P50',
      value: `${ratio.toFixed(2)} (${ms(times.ours.p50_ms)} / ${ms(times.rawWrite.p50_ms)})`,
    },
  ];
}

async function writeDocumentPerPoint(sdk: Firestore, newest_ms: number): Promise<void> {
  for (let from = 0; from < POINTS; from += 500) {
    const batch = sdk.batch();
    for (let at = from; at < from + 500; at += 1) {
      const timestamp_ms = newest_ms - at * MINUTE_MS;
      const metrics: unknown = JSON.parse(metricsAt(timestamp_ms));
      batch.set(sdk.collection('points').doc(), { tenant_id: TENANT_ID, device_id: DEVICE_ID, timestamp_ms, metrics });
    }
    await batch.commit();
  }
}

function get(client: HttpClient, fixture: Fixture, headers: Record<string, string> = {}): Promise<Answer> {
  const path = `/v1/telemetry/recent?device_id=${DEVICE_ID}&limit=100`;
  return client.send('GET', path, { headers: { ...fixture.headers, ...headers } });
}

function post(client: HttpClient, fixture: Fixture, device_id: string, timestamp_ms: number): Promise<Answer> {
  const json = { device_id, points: [{ timestamp_ms, metrics: parseMetrics(metricsAt(timestamp_ms)) }] };
  return client.send('POST', '/v1/telemetry', { headers: fixture.headers, json });
}
