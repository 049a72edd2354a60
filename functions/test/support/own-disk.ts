/** A box on a disk that it alone sees and that is gone with it: small, or not to be written. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rootDir } from './command.ts';

/** What root may, everybody may in a namespace of their own. */
const OWN_MOUNTS = ['--mount', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])];

const SMALL = 'mount -t tmpfs -o size=$SIZE tmpfs "$DISK" && cp "$DATA"/bas.sqlite* "$DISK"';
const READ_ONLY = 'mount --bind "$DATA" "$DISK" && mount -o remount,bind,ro "$DISK"';

export interface DiskOptions {
  /** The data to begin with; `disk` in it is where the disk is put. */
  readonly data: string;
  /** Of a small disk; a read-only one is the data itself. */
  readonly size_bytes: number | 'read-only';
}

/** Starts `serve` there; what it prints and how it ends is the caller's to hear. */
export function spawnOnDisk({ data, size_bytes }: DiskOptions): ChildProcessWithoutNullStreams {
  const disk = join(data, 'disk');
  const script = `${size_bytes === 'read-only' ? READ_ONLY : SMALL} && exec "$@"`;
  const serve = [process.execPath, join(rootDir, 'scripts/serve.ts'), '--port', '0', '--data', disk];
  const env = { ...process.env, DATA: data, DISK: disk, SIZE: String(size_bytes) };
  return spawn('unshare', [...OWN_MOUNTS, 'sh', '-ec', script, 'sh', ...serve], { cwd: rootDir, env });
}

/** The disk as others get at it while the process lives. */
export function seenFromOutside({ pid }: ChildProcessWithoutNullStreams, { data }: DiskOptions): string {
  return join(`/proc/${pid ?? 0}/root`, data, 'disk');
}

export async function firstAddress(child: ChildProcessWithoutNullStreams): Promise<string> {
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const url = /http\S+/.exec(line)?.[0];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error('It ended before it listened.');
}

export async function endProcess(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Takes all the room there is; what it answers gives it back. */
export function fill(disk: string): () => void {
  const file = join(disk, 'filler');
  const handle = openSync(file, 'w');
  try {
    for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 2)) {
      const chunk = Buffer.alloc(bytes, 1);
      try {
        for (;;) if (writeSync(handle, chunk) < bytes) break;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
  } finally {
    closeSync(handle);
  }
  return () => rmSync(file);
}
