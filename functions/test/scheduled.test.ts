import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import functionsTest from 'firebase-functions-test';
import type { ScheduleFunction } from 'firebase-functions/v2/scheduler';
import { schedules } from '../src/schedules.ts';
import { census, EVERYTHING, plantExpired, SWEPT_RETENTION, SWEPT_SESSIONS } from './support/expired.ts';

type Sweeps = Record<keyof typeof schedules, ScheduleFunction>;

/** What the package and these tests set. */
const VARIABLES = ['SQLITE_FILE', 'FIREBASE_CONFIG', 'GCLOUD_PROJECT', 'CLOUD_RUNTIME_CONFIG'] as const;
const settings = (): (string | undefined)[] => VARIABLES.map((name) => process.env[name]);

describe('scheduled functions', () => {
  const found = settings();
  let folder: string;
  let file: string;
  let tools: ReturnType<typeof functionsTest>;
  let sweeps: Sweeps;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-scheduled-'));
    file = join(folder, 'bas.sqlite');
    tools = functionsTest({ projectId: 'demo-bas' });
    tools.mockConfig({ store: { file: '/dev/null/none' } });
    process.env['SQLITE_FILE'] = file;
    sweeps = await import('../src/index.ts');
  });
  after(() => {
    tools.cleanup();
    if (found[0] === undefined) delete process.env['SQLITE_FILE'];
    else process.env['SQLITE_FILE'] = found[0];
    rmSync(folder, { recursive: true });
    assert.deepEqual(settings(), found);
  });

  /**
   * The package wraps a scheduled function when it is called without an event. With one, as Cloud Scheduler's
   * `scheduleTime` would be, it refuses, and its types know only schedules of the first generation.
   */
  async function wrapped(name: keyof Sweeps): Promise<void> {
    const call: unknown = Reflect.apply(tools.wrap, tools, [sweeps[name]]);
    assert.ok(typeof call === 'function');
    await Reflect.apply(call, undefined, []);
  }

  async function run(name: keyof Sweeps): Promise<void> {
    await sweeps[name].run({ scheduleTime: new Date().toISOString(), jobName: name });
  }

  for (const [tenant_id, call] of Object.entries({ wrapped, run })) {
    it(`remove what has expired from SQLite and nothing else, ${tenant_id}`, async () => {
      await plantExpired(file, tenant_id);
      assert.deepEqual(await census(file, tenant_id), EVERYTHING);
      await call('sweepSessions');
      assert.deepEqual(await census(file, tenant_id), { ...EVERYTHING, ...SWEPT_SESSIONS });
      await call('sweepRetention');
      const left = { ...SWEPT_SESSIONS, ...SWEPT_RETENTION };
      assert.deepEqual(await census(file, tenant_id), left);
      await Promise.all([call('sweepSessions'), call('sweepRetention'), call('sweepSessions')]);
      assert.deepEqual(await census(file, tenant_id), left);
    });
  }

  it('run as often as the job that calls them', () => {
    const { sweepSessions, sweepRetention, sealAudit, checkIndexReadiness, compareStores, guardCutover } = sweeps;
    const found = { sweepSessions, sweepRetention, sealAudit, checkIndexReadiness, compareStores, guardCutover };
    for (const [name, { __endpoint }] of Object.entries(found)) {
      const every_ms = new Map(Object.entries(schedules)).get(name)?.every_ms ?? 0;
      assert.equal(__endpoint.scheduleTrigger?.schedule, `every ${every_ms / 60_000} minutes`);
    }
    assert.deepEqual(Object.keys(schedules), Object.keys(found));
  });

  it('of the cutover have nothing to do where no box moves, and say so by ending well', async () => {
    const before = await census(file, 'wrapped');
    for (const name of ['checkIndexReadiness', 'compareStores', 'guardCutover'] as const) await wrapped(name);
    assert.deepEqual(await census(file, 'wrapped'), before);
  });
});
