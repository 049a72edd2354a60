/** Why a file could not be read or written, as the end of a sentence. */
export function fileFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ('code' in error && FAULTS[String(error.code)]) || error.message;
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'what should be its folder is a file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};
