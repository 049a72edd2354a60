/** What `infra/` declares against the code that it watches: names that must stay the same in both. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRoute, type Door } from '@bas/core';
import { TenantLeak } from '@bas/core/errors';
import type { LogFields } from '@bas/core/observability/log';
import { rootDir } from '../../scripts/lib/paths.ts';
import { ENVIRONMENTS, readDeclared } from '../../scripts/lib/provision/declared.ts';
import { doors } from '../src/doors.ts';
import { startServer } from './support/server.ts';

const declared = readDeclared({ project: 'demo-bas', env: 'prod' });
const watched = JSON.stringify([declared.alerts, declared.dashboard, declared.slos]);

/** Metrics of Google's own that alerts, the dashboard and SLOs may ask for. */
const GOOGLE_METRICS = [
  'firestore.googleapis.com/document/read_ops_count',
  'firestore.googleapis.com/document/write_ops_count',
  'firestore.googleapis.com/storage/data_and_index_storage_bytes',
  'run.googleapis.com/request_count',
  'run.googleapis.com/request_latencies',
];

/** A door that meets another tenant's document. */
const leaking: Door = {
  name: 'leaking',
  routes: [
    openRoute(
      { method: 'GET', path: '/v1/leak', summary: 'Leaks', answer: { status: 200, description: 'Never' } },
      () => Promise.reject(new TenantLeak('devices/other', 'acme')),
    ),
  ],
};

describe('infra', () => {
  it('reads the fields that the lines of a request have', async () => {
    const lines: LogFields[] = [];
    const logger = { log: (_severity: string, _message: string, fields?: LogFields) => void lines.push(fields ?? {}) };
    const server = await startServer({ store: 'sqlite', doors: [leaking], parts: { logger } });
    await server.client.send('GET', '/v1/leak');
    await server.close();
    const fields = new Set(lines.flatMap((line) => Object.keys(line).filter((field) => line[field] !== undefined)));
    const metrics = JSON.stringify(declared.log_metrics);
    const read = [...metrics.matchAll(/jsonPayload\.(\w+)/g)].map(([, field = '']) => field);
    assert.deepEqual(
      read.filter((field) => !fields.has(field)),
      [],
    );
    assert.match(String(lines.find(({ stack }) => stack !== undefined)?.['stack']), /TenantLeak/);
  });

  it('watches metrics that exist: of Google, or of a log metric here', () => {
    const ours = declared.log_metrics.map(({ name }) => `logging.googleapis.com/user/${name}`);
    const types = [...watched.matchAll(/metric\.type=\\+"([^"\\]+)/g)].map(([, type = '']) => type);
    assert.ok(types.length > 0);
    assert.deepEqual(
      types.filter((type) => ![...GOOGLE_METRICS, ...ours].includes(type)),
      [],
    );
  });

  it('watches a function by the name that Cloud Run gives it', () => {
    const services = [...watched.matchAll(/service_name=\\+"([^"\\]+)/g)].map(([, name = '']) => name);
    assert.deepEqual([...new Set(services)], ['recenttelemetry']);
    assert.ok(Object.keys(doors).some((name) => name.toLowerCase() === services[0]));
  });

  it('alerts at the limits that were agreed on', () => {
    const limits = declared.alerts.map(({ userLabels, conditions }) => {
      const found = [...JSON.stringify(conditions).matchAll(/"thresholdValue":([\d.]+),"duration":"(\d+s)"/g)];
      return [userLabels.bas_id, ...found.map(([, value, duration]) => `${value} for ${duration}`)];
    });
    assert.deepEqual(limits, [
      ['reads-per-day', '1000000 for 0s'],
      ['writes-per-day', '500000 for 0s'],
      ['storage', '1000000000 for 0s'],
      ['error-rate', '0.02 for 0s'],
      ['last-100-latency', '300 for 900s', '800 for 900s'],
      ['availability', '0.005 for 0s'],
      ['denied-or-leaked'],
    ]);
  });

  it('says of each alert where it is written what to do', () => {
    const operations = readFileSync(join(rootDir, 'docs/operations.md'), 'utf8');
    for (const { documentation } of declared.alerts) {
      const [, heading = 'none'] = /docs\/operations\.md, \\"(.+?)\\"/.exec(JSON.stringify(documentation)) ?? [];
      assert.ok(operations.includes(`### ${heading}\n`), heading);
    }
  });

  it('names each environment an account of its own, and holds no secret', () => {
    const ids = ENVIRONMENTS.map((env) => readDeclared({ project: 'demo-bas', env }).accounts.account.id);
    assert.deepEqual(ids, ['bas-app-dev', 'bas-app-stg', 'bas-app-prod']);
    for (const file of globSync('infra/*.json', { cwd: rootDir })) {
      assert.doesNotMatch(readFileSync(join(rootDir, file), 'utf8'), /argon2|BEGIN|AIza|@\w+\.\w+"/, file);
    }
  });
});
