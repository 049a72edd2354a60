/** A progress bar on a terminal; plain lines, one for each step, anywhere else. */
const BAR_WIDTH = 30;

export class Progress {
  readonly #total: number;
  readonly #out: NodeJS.WriteStream;
  #done: number;
  #countdown: NodeJS.Timeout | undefined;

  constructor(total: number, done: number, out: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#done = done;
    this.#out = out;
  }

  show(done: number): void {
    this.#done = done;
    this.#draw('');
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
    const share = this.#total === 0 ? 1 : this.#done / this.#total;
    const count = `${this.#done.toLocaleString('en')} of ${this.#total.toLocaleString('en')} points${suffix}`;
    if (!this.#out.isTTY) {
      this.#out.write(`${count}\n`);
      return;
    }
    const filled = Math.round(share * BAR_WIDTH);
    this.#out.write(`\r\x1b[K[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${count}`);
  }
}
