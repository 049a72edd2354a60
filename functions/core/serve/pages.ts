import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { SetupError } from '../errors.ts';

/** One file of the page, held in memory with the headers it is sent with. */
export interface Page {
  readonly body: Buffer;
  /** The same for who takes it compressed; null where that saves nothing. */
  readonly gzipped: Buffer | null;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const SAFE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  vary: 'Accept-Encoding',
};

/** Asked for again each time, which the ETag makes cheap; but what has a hash of its content in its name never changes. */
const ASKED_AGAIN = 'no-cache';
const KEPT = 'public, max-age=31536000, immutable';

const compress = promisify(gzip);

/**
 * Reads the whole folder once, by URL path. A request is only ever looked up in this map, so there is no path to
 * climb out of, and a file put there later is not served.
 */
export async function readPages(folder: string): Promise<ReadonlyMap<string, Page>> {
  const pages = new Map<string, Page>();
  for (const file of await filesIn(folder)) {
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    // Hidden files are no part of the page, as `firebase.json` ignores them too.
    if (path.includes('/.')) continue;
    const page = await toPage(await readFile(file), path);
    pages.set(encodeURI(path), page);
    if (path.endsWith('/index.html')) pages.set(encodeURI(path.slice(0, -'index.html'.length)), page);
  }
  return pages;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    throw new SetupError(`The page's folder ${folder} cannot be read: restore it.`, { cause: error });
  }
}

async function toPage(body: Buffer, path: string): Promise<Page> {
  // Weak: both codings of a file share it.
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const type = TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const kept = path.startsWith('/parts/') ? KEPT : ASKED_AGAIN;
  const compressed = await compress(body, { level: 9 });
  const gzipped = compressed.byteLength < body.byteLength ? compressed : null;
  return { body, gzipped, etag, headers: { ...SAFE_HEADERS, 'cache-control': kept, 'content-type': type, etag } };
}
