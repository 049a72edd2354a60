/** What is installed is what was locked, runs nothing unasked, may be shipped, and is past some known holes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { renderLicences, shippedPackages } from '../../scripts/lib/licences.ts';
import { lockedPackages } from '../../scripts/lib/lock-file.ts';
import { rootDir } from '../../scripts/lib/paths.ts';

const FOLDERS = ['.', 'functions'];
/** They ask for a notice and for nothing else. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];
/** The first version without a hole that was used against others; several where older lines were mended too. */
const MENDED_IN: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['12.11.1'], // SQLite 3.51.3: the WAL reset that lost commits
  'body-parser': ['1.20.3', '2.0.0'], // CVE-2024-45590
  protobufjs: ['7.2.4'], // CVE-2023-36665
  qs: ['6.14.1'], // CVE-2025-15284
};

const Allowed = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

describe('the supply chain', () => {
  for (const folder of FOLDERS) {
    it(`of ${folder} is locked to the byte`, () => {
      const loose = lockedPackages(folder).filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''));
      assert.ok(lockedPackages(folder).length > 100);
      assert.deepEqual(loose, []);
    });

    it(`of ${folder} runs install scripts by name only`, () => {
      const file = readFileSync(join(rootDir, folder, 'package.json'), 'utf8');
      const { allowScripts } = Allowed.parse(JSON.parse(file));
      const asking = lockedPackages(folder).filter(({ has_install_script }) => has_install_script);
      assert.deepEqual(
        asking.map(({ name }) => name).filter((name) => !(name in allowScripts)),
        [],
      );
      const allowed = Object.keys(allowScripts).filter((name) => allowScripts[name] === true);
      assert.deepEqual(allowed, folder === 'functions' ? ['argon2'] : []);
    });

    it(`of ${folder} is past the holes that were used against others`, () => {
      const holes = lockedPackages(folder).filter(({ name, version }) => !isMended(name, version));
      assert.deepEqual(
        holes.map(({ name, version }) => `${name}@${version}`),
        [],
      );
    });
  }

  it('tells an old version from a mended one', () => {
    const cases: [string, string, boolean][] = [
      ['protobufjs', '7.2.3', false],
      ['protobufjs', '7.10.0', true],
      ['body-parser', '1.20.2', false],
      ['body-parser', '1.20.10', true],
      ['body-parser', '2.4.0', true],
      ['unheard-of', '0.0.1', true],
    ];
    for (const [name, version, mended] of cases) assert.equal(isMended(name, version), mended, `${name}@${version}`);
  });

  it('ships nothing that may not be shipped, and lists it', () => {
    const shipped = shippedPackages();
    assert.deepEqual(
      shipped.filter(({ licence }) => !PERMISSIVE.includes(licence ?? '')),
      [],
    );
    const listed = readFileSync(join(rootDir, 'docs', 'licences.md'), 'utf8');
    assert.equal(listed, renderLicences(shipped), 'npm run licences writes it anew');
  });
});

/** At or above the mended version of its own line, or of an older one when its line has none. */
function isMended(name: string, version: string): boolean {
  const mended = MENDED_IN[name] ?? [];
  const own = mended.filter((one) => major(one) === major(version));
  const least = own.length > 0 ? own : mended.filter((one) => major(one) < major(version));
  return mended.length === 0 || least.some((one) => compare(version, one) >= 0);
}

function major(version: string): number {
  return Number(version.split('.')[0]);
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
