/** docs/security.md claims a test for each threat: this reads it, and finds each of them. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** The tables of the document, each with how its rows are numbered and how many there are. */
const TABLES = { C: 35, A: 62, T: 8, R: 5, H: 8 } as const;
const NOT_APPLICABLE = /^Not applicable: .{20,}$/;
const CLAIM = /`([\w./-]+\.ts)`: "([^"]+)"/g;

interface Claim {
  readonly row: string;
  readonly file: string;
  readonly words: string;
}

interface Row {
  readonly id: string;
  readonly threat: string;
  readonly evidence: string;
}

function rowsOf(markdown: string): readonly Row[] {
  return markdown.split('\n').flatMap((line) => {
    const [, id, threat = '', evidence = '', ...more] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (id === undefined || !/^[A-Z]\d+$/.test(id)) return [];
    assert.deepEqual(more, [''], `${id} has as many cells as the table`);
    return [{ id, threat, evidence }];
  });
}

function claimsIn({ id, evidence }: Row): readonly Claim[] {
  return [...evidence.matchAll(CLAIM)].map(([, file = '', words = '']) => ({ row: id, file, words }));
}

/** What is said between the quotes of `it` and `describe`, whichever quotes those are. */
function titlesIn(source: string): readonly string[] {
  const titles = source.matchAll(/\b(?:it|describe)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g);
  return [...titles].map(([, , title = '']) => title.replace(/\\(.)/g, '$1'));
}

/** Every file that runs with the tests: the tests themselves and what they import, such as suites for both stores. */
function filesThatRun(): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = globSync(['functions/**/*.test.ts', 'hosting/**/*.test.ts', 'scripts/**/*.test.ts'], {
    cwd: ROOT,
    exclude: ['**/node_modules/**'],
  }).map((file) => resolve(ROOT, file));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file) || !existsSync(file)) continue;
    found.add(file);
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/from '([^']+\.ts|@bas\/core\/[^']+)'/g)) {
      const core = name.replace(/^@bas\/core\/(.+)$/, `${ROOT}/functions/core/$1.ts`);
      waiting.push(resolve(dirname(file), core));
    }
  }
  return new Set([...found].map((file) => relative(ROOT, file)));
}

/** What is wrong with the claims of a document, in words. */
function faultsOf(rows: readonly Row[], running: ReadonlySet<string>): readonly string[] {
  const titles = new Map<string, readonly string[]>();
  const faults = rows
    .filter((row) => claimsIn(row).length === 0 && !NOT_APPLICABLE.test(row.evidence))
    .map(({ id }) => `${id} has neither a test nor a reason`);
  for (const { row, file, words } of rows.flatMap(claimsIn)) {
    if (!running.has(file)) {
      faults.push(`${row}: ${file} runs with no test`);
      continue;
    }
    const known = titles.get(file) ?? titlesIn(readFileSync(resolve(ROOT, file), 'utf8'));
    titles.set(file, known);
    if (!known.some((title) => title.includes(words))) faults.push(`${row}: ${file} has no test "${words}"`);
  }
  return faults;
}

describe('docs/security.md', () => {
  const rows = rowsOf(readFileSync(resolve(ROOT, 'docs/security.md'), 'utf8'));
  let running: ReadonlySet<string>;
  before(() => (running = filesThatRun()));

  it('has every row once, and says in each what is tried', () => {
    const wanted = Object.entries(TABLES).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, at) => `${letter}${String(at + 1)}`),
    );
    assert.deepEqual(rows.map(({ id }) => id).sort(), wanted.sort());
    for (const { id, threat } of rows) assert.ok(threat.length > 10, id);
  });

  it('names for each row a test that is there and runs, or a reason why there is none', () => {
    assert.deepEqual(faultsOf(rows, running), []);
  });

  it('would be told from one that claims what is not so', () => {
    const file = 'functions/test/security-catalogue.test.ts';
    const claim = (evidence: string): Row => ({ id: 'C1', threat: 'any', evidence });
    const words = 'names for each row a test';
    assert.deepEqual(faultsOf([claim(`\`${file}\`: "${words}"`)], running), []);
    for (const evidence of [
      '',
      'Not applicable: no.',
      'Left for later, when somebody has the time.',
      `\`${file}\`: "a title of no test"`,
      '`functions/test/none.test.ts`: "any"',
      '`functions/core/clock.worker.ts`: "any"',
    ]) {
      assert.equal(faultsOf([claim(evidence)], running).length, 1, evidence);
    }
  });
});
