import Driver, { type Database } from 'better-sqlite3';
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem, SetupError, storeUnavailable } from '../../errors.ts';
import type { Meter } from '../../observability/meter.ts';
import { noPlainFile } from '../../plain-file.ts';
import { makePrivateFolder } from '../../private-folder.ts';
import { isForeign } from './foreign.ts';

/** How long to wait for another process that is writing. */
export const BUSY_TIMEOUT_MS = 5_000;

/** What makes the store unavailable rather than our code wrong: contention, the disk, the file. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL|PERM|AUTH)/;

/**
 * Opens the file, making it and its folder when they are missing. Throws a `SetupError` when it cannot be used; a file that
 * is not ours is then as it was.
 */
export function openFile(file: string, busy_timeout_ms = BUSY_TIMEOUT_MS): Database {
  try {
    const wrong = noPlainFile(file);
    if (wrong !== null) throw new Error(wrong);
    if (isForeign(file, busy_timeout_ms)) throw new Error('something else keeps its data in it');
    makePrivateFolder(dirname(file));
    // Password hashes are in it: readable by its owner only. SQLite gives its companions the same mode.
    closeSync(openSync(file, 'a', 0o600));
    return configure(new Driver(file, { timeout: busy_timeout_ms }));
  } catch (error) {
    throw cannotUse(file, error);
  }
}

export function cannotUse(file: string, error: unknown): SetupError {
  return new SetupError(`Cannot use ${file} as the data file: ${reason(error)}`, { cause: error });
}

function configure(db: Database): Database {
  try {
    if (db.pragma('journal_mode', { simple: true }) !== 'wal') db.pragma('journal_mode = WAL');
    // The driver's default with WAL may lose the newest commits at a power cut.
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('cache_size = -16000');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ''] = error.message.split('\n');
  const remedy = 'code' in error && REMEDIES.find(([codes]) => codes.test(String(error.code)));
  return remedy ? `${line}: ${remedy[1]}` : line;
}

/** What whoever starts a process can do about it, by the code of the driver or of the system. */
const REMEDIES: readonly (readonly [codes: RegExp, remedy: string])[] = [
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)/, 'make room on its disk'],
  [/^(EROFS|EACCES|EPERM|SQLITE_(READONLY|CANTOPEN|PERM))/, 'let this user write to it and to its folder'],
  [/^(EIO|SQLITE_(IOERR|CORRUPT))/, 'look at its disk, and put back a copy if it is damaged'],
  [/^SQLITE_BUSY/, 'another process holds it: stop that one, or wait for it'],
];

/** One request's way to the database: marks its meter and turns driver errors into problems, here alone. */
export class Access {
  readonly #db: Database;
  readonly #meter: Meter;

  constructor(db: Database, meter: Meter) {
    this.#db = db;
    this.#meter = meter;
  }

  /** Runs one statement. */
  read<T>(work: () => T): Promise<T> {
    this.#meter.countReads(0);
    // A promise's executor runs at once, and what it throws becomes the rejection.
    return new Promise((resolve) => {
      try {
        resolve(work());
      } catch (error) {
        throw toProblem(error);
      }
    });
  }

  /** One immediate transaction: reads and writes with no other writer in between, stored whole or not at all. */
  change<T>(work: () => T): Promise<T> {
    return this.read(() => this.#db.transaction(work).immediate());
  }
}

/** What the triggers of the cutover say, and what that means to whoever asked. */
const REFUSED_BY_TRIGGER: Readonly<Record<string, (cause: unknown) => Problem>> = {
  'the box is closed': (cause) => storeUnavailable(cause, 1),
  'people are frozen': (cause) =>
    new Problem('precondition_failed', 'Sign-in is being moved to another store; change people in a minute.', {
      cause,
    }),
};

function toProblem(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Driver.SqliteError)) return error;
  const refused = REFUSED_BY_TRIGGER[error.message];
  if (refused !== undefined) return refused(error);
  return UNAVAILABLE.test(error.code) ? storeUnavailable(error) : error;
}
