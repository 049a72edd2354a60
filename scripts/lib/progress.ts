/** A progress bar on a terminal; plain lines, one for each step, anywhere else. */
const BAR_WIDTH = 30;

/** A terminal is drawn no oftener than this, so that progress costs nothing; a log gets a line now and then. */
const DRAW_EVERY_MS = { terminal: 100, log: 5_000 };

export interface ProgressOptions {
  readonly out?: NodeJS.WriteStream;
  readonly unit?: string;
  /** Also shows the rate and the time left, and draws at intervals instead of at each step. */
  readonly paced?: boolean;
}

export class Progress {
  readonly #total: number | null;
  readonly #out: NodeJS.WriteStream;
  readonly #unit: string;
  readonly #paced: boolean;
  readonly #started = { ms: performance.now(), done: 0 };
  #drawn_ms = -Infinity;
  #done: number;
  #countdown: NodeJS.Timeout | undefined;

  /** `total` is null where nobody knows it beforehand. */
  constructor(
    total: number | null,
    done: number,
    { out = process.stderr, unit = 'points', paced = false }: ProgressOptions = {},
  ) {
    this.#total = total;
    this.#done = done;
    this.#out = out;
    this.#unit = unit;
    this.#paced = paced;
    this.#started.done = done;
  }

  /** `note` is shown behind the count, such as `, 12 reads`. */
  show(done: number, note = ''): void {
    this.#done = done;
    if (!this.#paced) this.#draw(note);
    else if (this.#isDue()) this.#draw(`${this.#pace()}${note}`);
  }

  #isDue(): boolean {
    const now_ms = performance.now();
    const every_ms = this.#out.isTTY ? DRAW_EVERY_MS.terminal : DRAW_EVERY_MS.log;
    if (!this.#isComplete() && now_ms - this.#drawn_ms < every_ms) return false;
    this.#drawn_ms = now_ms;
    return true;
  }

  #pace(): string {
    const done = this.#done - this.#started.done;
    if (done === 0) return '';
    const rate = (done * 1_000) / Math.max(performance.now() - this.#started.ms, 1);
    const pace = `, ${Math.round(rate).toLocaleString('en')} a second`;
    if (this.#total === null || this.#isComplete()) return pace;
    return `${pace}, ${timeLeft((this.#total - this.#done) / rate)} left`;
  }

  #isComplete(): boolean {
    return this.#total !== null && this.#done >= this.#total;
  }

  /** Shows why nothing happens for a while, counting down on a terminal. Ends with `resume`. */
  wait(ms: number, why: string): void {
    const until_ms = performance.now() + ms;
    const draw = (): void => this.#draw(`, waiting ${Math.ceil((until_ms - performance.now()) / 1_000)} s ${why}`);
    draw();
    if (this.#out.isTTY) this.#countdown = setInterval(draw, 1_000);
  }

  resume(): void {
    clearInterval(this.#countdown);
  }

  end(): void {
    this.resume();
    if (this.#out.isTTY) this.#out.write('\n');
  }

  #draw(suffix: string): void {
    const of = this.#total === null ? '' : ` of ${this.#total.toLocaleString('en')}`;
    const count = `${this.#done.toLocaleString('en')}${of} ${this.#unit}${suffix}`;
    if (!this.#out.isTTY) {
      this.#out.write(`${count}\n`);
      return;
    }
    this.#out.write(`\r\x1b[K${this.#bar()}${count}`);
  }

  #bar(): string {
    if (this.#total === null) return '';
    const share = this.#total === 0 ? 1 : this.#done / this.#total;
    const filled = Math.round(share * BAR_WIDTH);
    return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] `;
  }
}

function timeLeft(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5_400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
