import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

interface Import {
  readonly from: string;
  /** A package name, or the path of a file relative to `functions/`. */
  readonly to: string;
  readonly lazy: boolean;
}

const files = globSync(['core/**/*.ts', 'src/**/*.ts'], { cwd: ROOT, exclude: ['**/node_modules/**'] }).sort();
const source = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const isTest = (file: string): boolean => /\.test\.ts$|^core\/stores\/(suite\/|\w+\/harness\.ts$)/.test(file);

function importsOf(file: string): Import[] {
  const text = source.get(file) ?? '';
  const statements = text.matchAll(
    /^(?:import|export)\b[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map(([, named, bare, lazy]) => {
    const target = named ?? bare ?? lazy ?? '';
    const to = target.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), target)) : target;
    return { from: file, to, lazy: lazy !== undefined };
  });
}

const imports = files.flatMap(importsOf);
const offenders = (breaks: (edge: Import) => boolean): string[] =>
  imports.filter(breaks).map(({ from, to }) => `${from} -> ${to}`);

describe('architecture', () => {
  it('finds the imports it judges', () => {
    assert.ok(files.length > 50);
    assert.ok(imports.some(({ from, to }) => from === 'src/https/health.ts' && to === '@bas/core'));
    assert.ok(imports.some(({ from, to, lazy }) => from === 'src/doors.ts' && to === 'src/https/health.ts' && lazy));
  });

  it('a door imports @bas/core and its own kind, nothing else', () => {
    const allowed = (to: string): boolean => to === '@bas/core' || to.startsWith('src/');
    const works = ['@bas/core/sweeps', '@bas/core/audit/schedule', '@bas/core/cutover/schedules'];
    const work = (to: string): boolean => works.includes(to);
    assert.deepEqual(
      offenders(({ from, to }) => from.startsWith('src/https/') && !allowed(to)),
      [],
    );
    assert.deepEqual(
      offenders(({ from, to }) => from.startsWith('src/scheduled/') && !allowed(to) && !work(to)),
      [],
    );
  });

  it('core never imports a door', () => {
    assert.deepEqual(
      offenders(({ from, to }) => from.startsWith('core/') && to.startsWith('src/')),
      [],
    );
  });

  it('only stores/firestore names the Firestore SDK', () => {
    const sdk = (to: string): boolean => /^(@google-cloud\/firestore|firebase-admin|google-gax|@grpc\/)/.test(to);
    assert.deepEqual(
      offenders(({ from, to }) => sdk(to) && !from.startsWith('core/stores/firestore/')),
      [],
    );
  });

  it('only stores/sqlite names the SQLite driver', () => {
    const driver = (to: string): boolean => to === 'better-sqlite3' || to === 'node:sqlite';
    assert.deepEqual(
      offenders(({ from, to }) => driver(to) && !from.startsWith('core/stores/sqlite/')),
      [],
    );
  });

  it('Cloud Logging is shipped to by a box alone: its package is loaded when that begins', () => {
    const names = (to: string): boolean => to === '@google-cloud/logging';
    const ships = ({ from, to, lazy }: Import): boolean => names(to) && from === 'core/serve/cloud-log.ts' && lazy;
    assert.ok(imports.some(ships));
    assert.deepEqual(
      offenders((edge) => names(edge.to) && !isTest(edge.from) && !ships(edge)),
      [],
    );
  });

  it('Cloud Monitoring is read by whoever asks for it: its package is loaded with one file, and that lazily', () => {
    const reader = 'core/observability/cloud-monitoring.ts';
    const names = (to: string): boolean => to === '@google-cloud/monitoring';
    assert.ok(imports.some(({ from, to }) => names(to) && from === reader));
    assert.deepEqual(
      offenders(({ from, to }) => names(to) && from !== reader),
      [],
    );
    const types = new Set(['core/cutover/cloud-minutes.ts', 'core/cutover/guard-cloud.ts']);
    assert.deepEqual(
      offenders(({ from, to, lazy }) => to === reader && !lazy && !types.has(from) && !isTest(from)),
      [],
    );
  });

  it('a backend is reached only lazily, through stores/open.ts', () => {
    const inside = (path: string): boolean => /^core\/stores\/(sqlite|firestore)\//.test(path);
    assert.deepEqual(
      offenders(
        ({ from, to, lazy }) =>
          inside(to) && !inside(from) && !isTest(from) && !(from === 'core/stores/open.ts' && lazy),
      ),
      [],
    );
  });

  it('bulk import is reached by the migration alone, and the migration by no code that is deployed', () => {
    const implements_it = /^core\/stores\/(open|import|(sqlite|firestore)\/(import|legacy))\.ts$/;
    const inside = (file: string): boolean => file.startsWith('core/migration/') || implements_it.test(file);
    const bulk = (to: string): boolean => /^core\/(migration\/|stores\/(import|\w+\/(import|legacy))\.ts$)/.test(to);
    assert.deepEqual(
      offenders(({ from, to }) => bulk(to) && !inside(from)),
      [],
    );
    assert.deepEqual(
      offenders(({ from, to }) => to.startsWith('core/migration/') && !from.startsWith('core/migration/')),
      [],
    );
    assert.deepEqual(
      offenders(({ from, to }) => from.startsWith('src/') && /^@bas\/core\/(migration|stores)\b/.test(to)),
      [],
    );
  });

  it("a door's code is reached only through import()", () => {
    const door = (to: string): boolean => /^src\/(https|scheduled)\//.test(to);
    assert.deepEqual(
      offenders(({ to, lazy }) => door(to) && !lazy),
      [],
    );
  });

  it('the cutover is behind its own capability: doors see the shapes of its answers, and schedules their work', () => {
    const cutover = (to: string): boolean => /^(core|@bas\/core)\/cutover\//.test(to);
    const schedule = ({ from, to }: Import): boolean =>
      from.startsWith('src/scheduled/') && to === '@bas/core/cutover/schedules';
    assert.deepEqual(
      offenders((edge) => edge.from.startsWith('src/') && cutover(edge.to) && !schedule(edge)),
      [],
    );
    assert.deepEqual(
      offenders(({ from, to }) => from === 'core/index.ts' && cutover(to) && to !== 'core/cutover/shapes.ts'),
      [],
    );
  });

  it('what doors may import hides the stores', () => {
    assert.deepEqual(
      offenders(({ from, to }) => from === 'core/index.ts' && /^core\/(stores|tenancy)\//.test(to)),
      [],
    );
  });

  const without = (pattern: RegExp, ...allowed: string[]): string[] =>
    files.filter(
      (file) => !isTest(file) && !allowed.includes(file) && pattern.test(withoutComments(source.get(file) ?? '')),
    );

  it('process.env is read in config.ts alone', () => {
    assert.deepEqual(without(/process\.env/, 'core/config.ts'), []);
  });

  it('clock and ids are passed in', () => {
    assert.deepEqual(without(/\bDate\.now\(|new Date\(\)/, 'core/clock.ts'), []);
    assert.deepEqual(without(/\brandomUUID\(|\brandomBytes\(/, 'core/ids.ts'), []);
  });
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
