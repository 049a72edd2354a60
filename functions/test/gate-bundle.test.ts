/** The index gate as it is deployed: one bundle, without the repository around it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { FreshFinding } from '@bas/core/gate/findings';
import { build, type Metafile } from 'esbuild';
import { options } from '../../scripts/build.ts';
import { functionsDir } from '../../scripts/lib/paths.ts';
import { AdminApi } from './support/admin-api.ts';
import { finished, rootDir, type Env } from './support/command.ts';
import { deployAll, PROJECT } from './support/database-indexes.ts';

const CORE = join(functionsDir, 'core');
/** Prints what the gate finds; asks the server that is its argument, or Google when there is none. */
const ASK = `
import { takeReading } from '${CORE}/gate/reading.ts';
import { REQUIRED } from '${CORE}/gate/required.ts';
import { openIndexAdmin } from '${CORE}/stores/open.ts';
const [host] = process.argv.slice(2);
const connect = () => openIndexAdmin({ project_id: '${PROJECT}', limit_ms: 5_000, ...(host && { host }) });
console.log(JSON.stringify(await takeReading({ kind: 'cloud', project_id: '${PROJECT}', connect }, REQUIRED)));
`;

describe('the bundled index gate', function () {
  this.timeout(60_000);
  let folder: string;
  let metafile: Metafile;
  let api: AdminApi;

  before(async () => {
    api = await AdminApi.start();
    deployAll(api);
    folder = mkdtempSync(join(tmpdir(), 'bas-gate-'));
    const entry = join(folder, 'ask.ts');
    writeFileSync(entry, ASK);
    const entryPoints = [
      { in: entry, out: 'ask' },
      { in: join(functionsDir, 'src/index.ts'), out: 'catalogue' },
    ];
    const outdir = join(folder, 'lib');
    ({ metafile } = await build({ ...options, absWorkingDir: rootDir, outdir, entryPoints }));
    writeFileSync(join(outdir, 'package.json'), '{"type":"module"}');
  });
  after(() => {
    api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(args: readonly string[], env: Env): Promise<readonly FreshFinding[]> {
    const child = spawn(process.execPath, [join(folder, 'lib/ask.js'), ...args], {
      cwd: folder,
      env: { HOME: folder, METADATA_SERVER_DETECTION: 'none', ...env },
    });
    const { code, stdout, stderr } = await finished(child);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as FreshFinding[];
  }

  it('asks the Admin API, and knows what must exist', async () => {
    const findings = await ask([api.host], {});
    assert(findings.some(({ code, concern }) => code === 'index_ready' && concern === 'telemetry'));
    assert(findings.every(({ code }) => /_(ready|active)$/.test(code)));
  });

  it('says that there are no credentials, where the client alone would end the process', async () => {
    for (const env of [{}, { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'nowhere.json') }]) {
      const [{ code, detail } = assert.fail()] = await ask([], env);
      assert.equal(code, 'unauthenticated');
      assert.match(detail, /gcloud auth application-default login/);
    }
  });

  /** The output whose entry point is `file` of the project, and all that loads with it. */
  function loadedWith(file: string): Set<string> {
    const outputs = Object.entries(metafile.outputs);
    const path = relative(rootDir, join(functionsDir, file));
    const [start] = outputs.find(([, { entryPoint }]) => entryPoint === path) ?? assert.fail(`no output of ${file}`);
    const seen = new Set([start]);
    for (const name of seen) {
      for (const { kind, path: next } of metafile.outputs[name]?.imports ?? []) {
        if (kind === 'import-statement' && next in metafile.outputs) seen.add(next);
      }
    }
    return new Set([...seen].flatMap((name) => Object.keys(metafile.outputs[name]?.inputs ?? {})));
  }
  const hasAdminClient = (inputs: Set<string>): boolean =>
    [...inputs].some((input) => /src\/v1\/firestore_admin_client\.js$/.test(input));

  it('loads the Admin client when it asks, and with nothing else', () => {
    assert(hasAdminClient(loadedWith('core/stores/firestore/admin.ts')));
    for (const file of ['src/index.ts', 'core/stores/firestore/open.ts']) {
      assert(!hasAdminClient(loadedWith(file)), file);
    }
  });
});
