/** A command in a terminal: a process group that Ctrl-C reaches, and a look at what it leaves behind. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

interface Process {
  readonly pid: number;
  readonly ppid: number;
  /** Its start and command: a number that was given out again is another process. */
  readonly identity: string;
}

function processes(): Process[] {
  const { stdout, error } = spawnSync('ps', ['-ww', '-eo', 'pid=,ppid=,stat=,lstart=,args='], { encoding: 'utf8' });
  if (error) throw error;
  return stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, stat = '', identity = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined || stat.startsWith('Z') ? [] : [{ pid: Number(pid), ppid: Number(ppid), identity }];
  });
}

/** What the tests set for themselves and a person's terminal would not have. */
const OWN = /^(FIRESTORE_EMULATOR_HOST|SQLITE_FILE|GCP_PROJECT_ID|USE_FIRESTORE_\w+|npm_(lifecycle|package)_\w+)$/;

export class Terminal {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<unknown>;
  readonly #family = new Map<number, string>();
  #printed = '';

  constructor(folder: string, [command, ...args]: readonly [string, ...string[]]) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN.test(name)));
    this.#folder = folder;
    this.#child = spawn(command, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'exit');
    const keep = (chunk: Buffer): void => void (this.#printed += chunk.toString());
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
  }

  get printed(): string {
    return this.#printed;
  }

  /** Waits until it has printed `text`; fails when it ends or the time is up. */
  async until(text: string, patience_ms: number): Promise<void> {
    const deadline_ms = Date.now() + patience_ms;
    while (!this.#printed.includes(text)) {
      const ended = this.#child.exitCode !== null || this.#child.signalCode !== null;
      if (ended || Date.now() > deadline_ms) throw new Error(`No "${text}" from ${this.#folder}:\n${this.#printed}`);
      await delay(50);
    }
    this.look();
  }

  /** Remembers every process that descends from the command now. */
  look(): number {
    const all = processes();
    const family = new Set([this.#child.pid ?? 0]);
    for (let before = 0; before !== family.size;) {
      before = family.size;
      for (const { pid, ppid } of all) if (family.has(ppid)) family.add(pid);
    }
    for (const { pid, identity } of all) if (family.has(pid)) this.#family.set(pid, identity);
    return this.#family.size;
  }

  /** Ctrl-C, then waits until it is gone. */
  async interrupt(patience_ms: number): Promise<void> {
    this.look();
    process.kill(-(this.#child.pid ?? 0), 'SIGINT');
    const late = delay(patience_ms, 'late', { ref: false });
    if ((await Promise.race([this.#ended, late])) === 'late') throw new Error(`Still there:\n${this.#printed}`);
  }

  /** What is left of the family, and whatever else has to do with the folder. */
  survivors(): string[] {
    return this.#left().map(({ pid, identity }) => `${pid} ${identity}`);
  }

  #left(): Process[] {
    const ours = ({ pid, identity }: Process): boolean =>
      this.#family.get(pid) === identity || identity.includes(this.#folder);
    return processes().filter(ours);
  }

  /** Ends what a failed test left running. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.look();
    for (const { pid } of this.#left()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself in between.
      }
    }
    await this.#ended;
  }
}
