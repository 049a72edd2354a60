/** What `infra/` declares against the code that it watches: names that must stay the same in both. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANSWERS_FILTER, logMetricFilter } from '@bas/core/observability/log-metrics';
import { LATENCY_BOUNDS_MS } from '@bas/core/observability/minute-counters';
import { rootDir } from '../../scripts/lib/paths.ts';
import { ENVIRONMENTS, readDeclared } from '../../scripts/lib/provision/declared.ts';
import { doors } from '../src/doors.ts';

const declared = readDeclared({ project: 'demo-bas', env: 'prod' });
const watched = JSON.stringify([declared.alerts, declared.dashboard, declared.slos]);

/** Metrics of Google's own that alerts, the dashboard and SLOs may ask for. */
const GOOGLE_METRICS = [
  'firestore.googleapis.com/document/read_ops_count',
  'firestore.googleapis.com/document/write_ops_count',
  'firestore.googleapis.com/storage/data_and_index_storage_bytes',
  'run.googleapis.com/request_count',
];

/** Every filter of a resource in JSON. */
function filtersOf(json: string): string[] {
  return [...json.matchAll(/"\w*[fF]ilter":("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) => String(JSON.parse(text)));
}

describe('infra', () => {
  it('watches metrics that exist: of Google, or of a log metric here', () => {
    const ours = declared.log_metrics.map(({ name }) => `logging.googleapis.com/user/${name}`);
    const types = [...watched.matchAll(/metric\.type=\\+"([^"\\]+)/g)].map(([, type = '']) => type);
    assert.ok(types.length > 0);
    assert.deepEqual(
      types.filter((type) => ![...GOOGLE_METRICS, ...ours].includes(type)),
      [],
    );
  });

  it('times "last 100 points" by one metric, in alerts, charts and SLOs as in the code', () => {
    const timed = filtersOf(watched).filter((filter) => filter === logMetricFilter('bas_last_100_ms'));
    assert.equal(timed.length, 6);
    assert.doesNotMatch(watched, /request_latencies/);
  });

  it('counts the answers of every door, and of no schedule', () => {
    const counting = filtersOf(watched)
      .concat(ANSWERS_FILTER)
      .filter((filter) => filter.includes('run.googleapis.com/request_count'));
    assert.equal(counting.length, 10);
    const services = Object.keys(doors).map((name) => `"${name.toLowerCase()}"`);
    for (const filter of counting) {
      const [, counted = ''] = /service_name=one_of\((.+?)\)/.exec(filter) ?? [];
      assert.deepEqual(counted.split(','), services.toSorted(), filter);
    }
  });

  it('tells latencies apart at the bounds that a box counts by, the promised ones among them', () => {
    for (const timing of ['bas_latency_ms', 'bas_last_100_ms']) {
      const metric = declared.log_metrics.find(({ name }) => name === timing);
      assert.deepEqual(metric?.['bucketOptions'], { explicitBuckets: { bounds: LATENCY_BOUNDS_MS } }, timing);
    }
  });

  it('alerts at the limits that were agreed on, and of a rate only where one failure alone is below it', () => {
    const limits = declared.alerts.map(({ userLabels, combiner, conditions }) => {
      const found = [...JSON.stringify(conditions).matchAll(/"thresholdValue":([\d.]+),"duration":"(\d+s)"/g)];
      return [
        userLabels.bas_id,
        found.map(([, value, duration]) => `${value} for ${duration}`).join(` ${String(combiner)} `),
      ];
    });
    assert.deepEqual(limits, [
      ['reads-per-day', '1000000 for 0s'],
      ['writes-per-day', '500000 for 0s'],
      ['storage', '1000000000 for 0s'],
      ['error-rate', '0.02 for 0s AND 49 for 0s'],
      ['last-100-latency', '300 for 900s OR 800 for 900s'],
      ['availability', '0.005 for 0s AND 199 for 0s'],
      ['denied-or-leaked', ''],
    ]);
  });

  it('closes an alert soon when there is nothing to measure any more', () => {
    const soon = declared.alerts.filter(
      ({ alertStrategy }) => JSON.stringify(alertStrategy) === '{"autoClose":"1800s"}',
    );
    assert.deepEqual(
      soon.map(({ userLabels }) => userLabels.bas_id),
      ['error-rate', 'last-100-latency', 'availability'],
    );
  });

  it('opens to the account of functions only the secrets that one of them mounts', () => {
    const source = readFileSync(join(rootDir, 'functions/src/index.ts'), 'utf8');
    const mounted = [...source.matchAll(/withSecrets\(.+?\{(.+?)\}/gs)].flatMap(([, fields = '']) =>
      [...fields.matchAll(/: '([\w-]+)'/g)].map(([, name = '']) => name),
    );
    assert.ok(mounted.length > 0);
    assert.deepEqual([...declared.accounts.secrets].sort(), mounted.sort());
    assert.deepEqual(
      mounted.filter((name) => !declared.secrets.includes(name)),
      [],
    );
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
