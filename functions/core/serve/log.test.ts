import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { streamLogger } from './log.ts';

const CLOCK = { now_ms: () => Date.UTC(2025, 2, 3, 9, 5, 6, 70) };

/** Takes what is written, at once or never. */
class Out extends Writable {
  readonly isTTY: boolean;
  readonly taken: string[] = [];
  stuck = false;
  #release: (() => void) | undefined;

  constructor(isTTY: boolean) {
    super({ highWaterMark: 16 });
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(String(chunk));
    if (this.stuck) this.#release = done;
    else done();
  }

  goOn(): void {
    this.stuck = false;
    this.#release?.();
  }
}

describe('the log of a box, as it is written', () => {
  it('is JSON for a program, and leaves out what is below the bound', () => {
    const out = new Out(false);
    const logger = streamLogger(out, 'NOTICE', CLOCK);
    logger.log('INFO', 'small');
    logger.log('NOTICE', 'seen', { reads: 1 });
    assert.deepEqual(out.taken, [
      '{"severity":"NOTICE","message":"seen","time":"2025-03-03T09:05:06.070Z","reads":1}\n',
    ]);
  });

  it('is a short line for people, in which nothing is obeyed by a terminal', () => {
    const out = new Out(true);
    const logger = streamLogger(out, 'INFO', CLOCK);
    const stack = 'Error: no\n    at x (file:///a.ts:1:1)';
    logger.log('INFO', 'GET /v1/health 200', { latency_ms: 1.5, reads: 0, request_id: 'r-1', action: 'health.get' });
    logger.log('ERROR', 'a\nb\u001b[31m\u202e', { code: 'c\rd', stack });
    assert.equal(
      out.taken.join(''),
      `09:05:06 INFO    GET /v1/health 200 latency_ms=1.5 reads=0 request_id=r-1\n09:05:06 ERROR   a b?[31m? code=c?d\n${stack}\n`,
    );
  });

  it('drops lines that a slow reader does not take, and says how many', async () => {
    const out = new Out(false);
    out.stuck = true;
    const logger = streamLogger(out, 'INFO', CLOCK);
    const long = 'x'.repeat(1_000);
    for (let at = 0; at < 2_000; at += 1) logger.log('INFO', long);
    assert.ok(out.writableLength < 1_100_000, String(out.writableLength));
    out.goOn();
    await new Promise((resolve) => setTimeout(resolve, 50));
    logger.log('INFO', 'last');
    const lost = Number(/"dropped_lines":(\d+)/.exec(out.taken.at(-1) ?? '')?.[1]);
    assert.equal(lost + out.taken.length - 1, 2_000);
  });
});
