import { admitPoints, ingest, IngestBody, ReceiptAnswer, writerRoute, type Door } from '@bas/core';

const post = writerRoute(
  {
    method: 'POST',
    path: '/v1/telemetry',
    summary: 'Store 1 to 1,000 points of one device',
    body: IngestBody,
    answer: { status: 200, description: 'What became of each point', schema: ReceiptAnswer },
    problems: ['device_forbidden', 'nothing_accepted', 'device_write_budget'],
  },
  async ({ stores, writable }, { body }, visit) => {
    const admitted = admitPoints(body.points, visit.now_ms);
    const device = await writable(body.device_id);
    const { overwrite } = body;
    return { status: 200, body: await ingest(stores.telemetry, device, { ...admitted, overwrite }, visit) };
  },
);

const ingestTelemetry: Door = { name: 'ingestTelemetry', routes: [post] };
export default ingestTelemetry;
