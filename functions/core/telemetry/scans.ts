import { SECOND_MS } from '../clock.ts';
import { Gate, KeyedGate } from '../resilience/gate.ts';
import { Turn, Turns } from '../resilience/turns.ts';

/** Whether what was asked for is found in a few points, or perhaps only after very many. */
export type ScanSize = 'short' | 'long';

/** A page with 32 long charts is drawn; who asks for more at once is told to come back. */
const OF_ONE_USER = { running: 2, waiting: 30, wait_ms: 10 * SECOND_MS };
/** Each may hold a page of some megabytes. */
const OF_ALL = { running: 4, waiting: 200, wait_ms: 10 * SECOND_MS };

/** Looks at points, which may take a while each: they take turns, so that nobody else waits for them. One for each process. */
export class Scans {
  readonly #turns = new Turns();
  readonly #of_user = new KeyedGate(OF_ONE_USER);
  readonly #of_all = new Gate(OF_ALL);

  /** A short one begins at once. Of long ones few run at a time, and fewer of one user; 503 `overloaded` when too many wait. */
  run<T>(user_id: string, size: ScanSize, work: (turn: Turn) => Promise<T>): Promise<T> {
    const turn = new Turn(this.#turns);
    if (size === 'short') return work(turn);
    const inTurn = async (): Promise<T> => {
      await turn.next();
      return work(turn);
    };
    return this.#of_user.run(user_id, () => this.#of_all.run(inTurn));
  }
}
