import { statSync } from 'node:fs';

/**
 * Why `path` cannot be opened as a file; null when it can, or when nothing is there yet. Asked before opening: a pipe would
 * keep whoever opens it waiting for somebody at its other end.
 */
export function noPlainFile(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return null;
  return found.isDirectory() ? 'it is a folder' : 'it is no ordinary file';
}
