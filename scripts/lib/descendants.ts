/** Processes that a child started, also those that left its group: the Firebase CLI gives each emulator its own. */
import { spawnSync } from 'node:child_process';

interface Row {
  pid: number;
  ppid: number;
  command: string;
}

function listProcesses(): Row[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return (stdout || '').split('\n').flatMap((line) => {
    const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), ppid: Number(ppid), command }];
  });
}

/** Remembers what descends from a process, and ends later what is still there. */
export class Descendants {
  readonly #root: number;
  readonly #known = new Map<number, string>();

  constructor(root: number) {
    this.#root = root;
  }

  /** Adds what descends from the process now. */
  remember(): void {
    const rows = listProcesses();
    const family = new Set([this.#root]);
    for (let before = 0; before !== family.size;) {
      before = family.size;
      for (const { pid, ppid } of rows) if (family.has(ppid)) family.add(pid);
    }
    for (const { pid, command } of rows) if (family.has(pid) && pid !== this.#root) this.#known.set(pid, command);
  }

  /** Ends what is left. A number that now belongs to another command is not ours. */
  killRemaining(): void {
    for (const { pid, command } of listProcesses()) {
      if (this.#known.get(pid) !== command) continue;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself in between.
      }
    }
  }
}
