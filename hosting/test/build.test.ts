/** What the page is made of, before any browser sees it. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { readPages } from '@bas/core/serve/pages';
import { pageDir, pageSourceDir, rootDir } from '../../scripts/lib/paths.ts';

/** All of it together, views that are loaded later included. */
const MOST_BYTES = 150_000;

/** What a browser may have of the core: shapes and rules, never stores. */
const SHARED =
  /^@bas\/core\/(clock|errors|http\/answers|model\/[\w-]+|budgets\/dashboard-reads|cutover\/(limits|shapes|triggers)|devices\/body)$/;

interface Hosting {
  readonly hosting: {
    readonly headers: readonly { source: string; headers: readonly { key: string; value: string }[] }[];
  };
}

describe('the page as it is built', () => {
  const sources = globSync('src/**/*.{ts,tsx}', { cwd: pageSourceDir }).filter((file) => !file.includes('.test.'));

  it('is small: all files together, compressed', async () => {
    const pages = new Set((await readPages(pageDir)).values());
    const bytes = [...pages]
      .map(({ body, gzipped }) => (gzipped ?? body).byteLength)
      .reduce((sum, size) => sum + size, 0);
    assert.ok(pages.size > 3);
    assert.ok(bytes <= MOST_BYTES, `${String(bytes)} bytes`);
  });

  it('takes from the core what has no secrets and no stores, and nothing of Node', () => {
    const taken = sources.flatMap((file) =>
      [
        ...readFileSync(join(pageSourceDir, file), 'utf8').matchAll(/from '([^'.][^']*)'|import\('([^'.][^']*)'\)/g),
      ].map(([, still = '', lazy = '']) => still + lazy),
    );
    const known = /^(preact(\/hooks)?|@preact\/signals|uplot)$/;
    assert.ok(taken.includes('@bas/core/http/answers'));
    assert.deepEqual([...new Set(taken.filter((name) => !known.test(name) && !SHARED.test(name)))], []);
  });

  it('has no script, style or address of elsewhere in its markup', () => {
    const markup = readFileSync(join(pageDir, 'index.html'), 'utf8');
    assert.doesNotMatch(markup, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|https?:/);
  });

  it('has the same headers from Hosting as from a box, on its own files and on no answer of the API', async () => {
    const { hosting } = JSON.parse(readFileSync(join(rootDir, 'firebase.json'), 'utf8')) as Hosting;
    const sentBy = (path: string): ReadonlyMap<string, string> =>
      new Map(
        hosting.headers
          .filter(({ source }) => matchesGlob(path, source))
          .flatMap(({ headers }) => headers.map(({ key, value }) => [key.toLowerCase(), value] as const)),
      );
    for (const [path, { headers }] of await readPages(pageDir)) {
      const { etag, vary, 'content-type': type, ...ours } = headers;
      assert.ok(etag !== undefined && vary !== undefined && type !== undefined);
      assert.deepEqual({ ...ours }, Object.fromEntries(sentBy(path)), path);
    }
    for (const path of ['/v1/session', '/v1/openapi.json', '/v1/devices/x.js'])
      assert.equal(sentBy(path).size, 0, path);
  });
});
