import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { SetupError } from '../errors.ts';

/** One file of the page, held in memory with the headers it is sent with. */
export interface Page {
  readonly body: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const SAFE_HEADERS = {
  'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000',
  // Asked for again each time; the ETag makes that cheap.
  'cache-control': 'no-cache',
};

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
    const page = toPage(await readFile(file), extname(file).toLowerCase());
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

function toPage(body: Buffer, extension: string): Page {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const type = TYPES[extension] ?? 'application/octet-stream';
  return { body, etag, headers: { ...SAFE_HEADERS, 'content-type': type, etag } };
}
