/** Bytes per point by Firestore's published sizes, of the documents that the suite writes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE_MS } from '@bas/core/clock';
import { parseMetrics } from '@bas/core/model/point';
import { bucketedBytes, pointDocumentBytes, START_MS, type Sample } from '../../scripts/lib/cost/documents.ts';
import { metricsAt } from './fixture.ts';
import { ratioRow, type Row } from './report.ts';

/** The occupancy data when it lies beside the repository, else points made up in its likeness. */
export function measureSizes(root: string): Row[] {
  const file = join(root, '../shared/data/occupancy/datatraining.txt');
  const real = existsSync(file);
  const samples = real ? readOccupancy(file) : makeSamples();
  const perPoint = samples.reduce((sum, sample) => sum + pointDocumentBytes(sample), 0) / samples.length;
  const ours = bucketedBytes(samples, MINUTE_MS) / samples.length;
  const what = `bytes per point, ${real ? 'occupancy data' : 'made-up data'}, document per point with default indexes / ours`;
  return [ratioRow(what, perPoint / ours, '>=', 18, `${perPoint.toFixed(0)} / ${ours.toFixed(0)}`)];
}

/** Columns: row number, time, then one metric each; the header lacks the row number's name. */
function readOccupancy(file: string): Sample[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = header
    .split(',')
    .map((name) => name.trim().replaceAll('"', ''))
    .slice(1);
  return lines.map((line) => {
    const [, time = '', ...values] = line.split(',').map((value) => value.replaceAll('"', ''));
    const metrics = Object.fromEntries(names.map((name, at) => [name, Number(values[at])]));
    return { timestamp_ms: Date.parse(`${time.replace(' ', 'T')}Z`), metrics };
  });
}

function makeSamples(): Sample[] {
  return Array.from({ length: 5_000 }, (_unused, at) => {
    const timestamp_ms = START_MS + at * MINUTE_MS;
    return { timestamp_ms, metrics: parseMetrics(metricsAt(timestamp_ms)) };
  });
}
