/** What `infra/` reads from the log, against lines that our code writes. */
import assert from 'node:assert/strict';
import { openRoute, type Door } from '@bas/core';
import { systemClock } from '@bas/core/clock';
import { readConfig } from '@bas/core/config';
import { Watch } from '@bas/core/cutover/watch';
import { TenantLeak } from '@bas/core/errors';
import type { LogFields, Logger } from '@bas/core/observability/log';
import { loggedRun } from '@bas/core/observability/scheduled-run';
import { createSuite } from '@bas/core/suite';
import { readDeclared } from '../../scripts/lib/provision/declared.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import { schedules } from '../src/schedules.ts';
import { startServer } from './support/server.ts';

const declared = readDeclared({ project: 'demo-bas', env: 'prod' });

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

const LEAKED = {
  last_hundred: false,
  permission: undefined,
  session_id: undefined,
  reads: 1,
  touched: true,
  latency_ms: 1,
  failure: undefined,
  leaked: true,
};

describe('infra and the log', () => {
  it('reads the fields that the lines of a request and of a breaker have', async () => {
    const lines: LogFields[] = [];
    const logger = { log: (_severity: string, _message: string, fields?: LogFields) => void lines.push(fields ?? {}) };
    const server = await startServer({ store: 'sqlite', doors: [leaking, recentTelemetry], parts: { logger } });
    await server.client.send('GET', '/v1/leak');
    await server.seed.tenant('acme');
    const viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'viewer' }));
    const { device_id } = await server.seed.device({ tenant_id: 'acme' });
    await viewer.get(`/v1/telemetry/recent?device_id=${device_id}`);
    const breaker = server.suite.dependencies.breaker('firestore');
    for (let n = 0; n < 5; n += 1) await breaker.run(() => Promise.resolve({ trips: true }));
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

  it('counts no scheduled run as a request', async () => {
    const suite = createSuite(readConfig({ SQLITE_FILE: ':memory:' }));
    const actions: string[] = [];
    const logger: Logger = { log: (_severity, _message, fields) => void actions.push(String(fields?.['action'])) };
    for (const name of Object.keys(schedules)) {
      await loggedRun({ ...suite, logger }, name, () => Promise.resolve('done'));
    }
    assert.equal(actions.length, Object.keys(schedules).length);
    for (const { name, filter } of declared.log_metrics) {
      if (name !== 'bas_requests' && name !== 'bas_latency_ms') continue;
      const [, left = 'nothing'] = /AND NOT jsonPayload\.action=~"([^"]+)"/.exec(String(filter)) ?? [];
      assert.deepEqual(
        actions.filter((action) => !new RegExp(left).test(action)),
        [],
        name,
      );
    }
  });

  it('hears of what the guard would roll back, from functions and from boxes', () => {
    const alert = declared.alerts.find(({ userLabels }) => userLabels.bas_id === 'denied-or-leaked');
    const filter = JSON.stringify(alert?.['conditions']).replaceAll('\\"', '"');
    assert.ok(filter.includes('(resource.type="cloud_run_revision" OR log_id("bas")) AND severity>=ERROR'), filter);
    const heard = [...filter.matchAll(/jsonPayload\.(\w+):\*/g)].map(([, field = '']) => field);
    const lines: LogFields[] = [];
    const logger: Logger = {
      log: (severity, _message, fields = {}) => {
        if (severity === 'ERROR') lines.push(fields);
      },
    };
    const watch = new Watch({ clock: systemClock, logger, process: 'one' });
    watch.standAloneWhile(() => true);
    watch.answered(LEAKED);
    assert.equal(lines.length, 1);
    assert.ok(
      heard.some((field) => lines[0]?.[field] !== undefined),
      heard.join(),
    );
  });
});
