import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
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
  it('is JSON for a program, in one write for what comes together, and leaves out what is below the bound', async () => {
    const out = new Out(false);
    const logger = streamLogger(out, 'NOTICE', CLOCK);
    logger.log('INFO', 'small');
    logger.log('NOTICE', 'seen', { reads: 1 });
    logger.log('NOTICE', 'too');
    assert.deepEqual(out.taken, []);
    await sleep(50);
    const time = '"time":"2025-03-03T09:05:06.070Z"';
    const lines = [
      `{"severity":"NOTICE","message":"seen",${time},"reads":1}\n`,
      `{"severity":"NOTICE","message":"too",${time}}\n`,
    ];
    assert.deepEqual(out.taken, [lines.join('')]);
  });

  it('is a short line for people, in which nothing is obeyed by a terminal', () => {
    // The second is an error: it waits for nothing, and what came before it does not either.
    const out = new Out(true);
    const logger = streamLogger(out, 'INFO', CLOCK);
    const stack = 'Error: no\n    at x (file:///a.ts:1:1)';
    logger.log('INFO', 'GET /v1/health 200', { latency_ms: 1.5, reads: 0, request_id: 'r-1', action: 'health.get' });
    logger.log('ERROR', 'a\nb\u001b[31m\u202e\u061c', { code: 'c\rd', stack });
    assert.equal(
      out.taken.join(''),
      `09:05:06 INFO    GET /v1/health 200 latency_ms=1.5 reads=0 request_id=r-1\n09:05:06 ERROR   a b?[31m?? code=c?d\n${stack}\n`,
    );
  });

  it('drops lines that a slow reader does not take, and says how many', async () => {
    const out = new Out(false);
    out.stuck = true;
    const logger = streamLogger(out, 'INFO', CLOCK);
    const long = 'x'.repeat(1_000);
    for (let at = 0; at < 2_000; at += 1) {
      logger.log('INFO', long);
      if (at % 100 === 0) await sleep(25);
    }
    assert.ok(out.writableLength < 1_100_000, String(out.writableLength));
    out.goOn();
    await sleep(50);
    logger.log('ERROR', 'last');
    const lines = out.taken.join('').trim().split('\n');
    const lost = Number(/"dropped_lines":(\d+)/.exec(lines.at(-1) ?? '')?.[1]);
    assert.equal(lost + lines.length - 1, 2_000);
  });
});
