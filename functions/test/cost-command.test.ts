import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { run } from './support/command.ts';

const Amounts = z.object({ reads: z.number(), writes: z.number(), ttl_deletes: z.number(), stored_bytes: z.number() });
const Design = z.object({ total: Amounts, dollars: z.number(), bytes_per_point: z.number() });
const Month = z.object({
  assumptions: z.record(z.string(), z.number()),
  buckets: Design,
  points: Design,
  limits: z.array(z.object({ name: z.string(), at_devices: z.number() })).min(1),
  prices: z.object({ checked: z.iso.date(), region: z.string() }),
});

describe('npm run cost', () => {
  const fleet = ['--devices', '2000', '--interval', '30', '--dashboards', '3', '--retention-days', '30'];

  it('prints both designs side by side, what was assumed and where it ends', async () => {
    const { code, stdout, stderr } = await run('cost', [...fleet, '--points-per-post', '4']);
    assert.deepEqual([code, stderr], [0, '']);
    for (const line of [
      / devices +2,000 {2}--devices$/m,
      / {2}document reads +[\d,]+ +\$[\d,.]+ +[\d,]+ +\$[\d,.]+$/m,
      / {2}bill +\$[\d,.]+ +\$[\d,.]+$/m,
      / {2}ramp +[\d.]+ of 500 +[\d,]+ {2}kept: /m,
      /^ {2}Nor point-in-time recovery, .* \$\d+\.\d\d or \$\d+\.\d\d\.$/m,
      /^Prices: us-central1, Standard edition, \d{4}-\d\d-\d\d$/m,
    ]) {
      assert.match(stdout, line);
    }
    assert.ok(stdout.split('\n').every((line) => line.length <= 140));
  });

  it('gives the same as JSON', async () => {
    const { code, stdout } = await run('cost', [...fleet, '--json']);
    assert.equal(code, 0);
    const { assumptions, buckets, points } = Month.parse(JSON.parse(stdout));
    assert.partialDeepStrictEqual(assumptions, { devices: 2_000, interval_s: 30, dashboards: 3, retention_days: 30 });
    assert.ok(points.total.stored_bytes > 18 * buckets.total.stored_bytes);
    assert.ok(points.dollars > buckets.dollars);
  });

  it('explains itself', async () => {
    const { code, stdout } = await run('cost', ['--help']);
    assert.equal(code, 0);
    for (const option of [
      '--devices N',
      '--interval S',
      '--dashboards N',
      '--retention-days D',
      '--points-per-post K',
      '--table',
      '--json',
    ]) {
      assert.ok(stdout.includes(option), option);
    }
  });

  it('refuses what it cannot work with in one line', async () => {
    const refused = [
      ['--devices', '0'],
      ['--interval', '0.5'],
      ['--interval', '86401'],
      ['--points-per-post', '1001'],
      ['--dashboards', '-1'],
      ['--dashboards=many'],
      ['--retention-days', ''],
      ['--open-hours', '25'],
      ['--nonsense'],
      ['extra'],
      ['--table', '--json'],
      ['--table', '--devices', '5'],
      ['--table', '--charts', 'x'],
    ];
    const answers = await Promise.all(refused.map((args) => run('cost', args)));
    for (const [at, { code, stdout, stderr }] of answers.entries()) {
      assert.deepEqual([code, stdout], [2, ''], refused[at]?.join(' '));
      assert.match(stderr, /^[^\n]+\n$/, refused[at]?.join(' '));
    }
    assert.match(
      answers[4]?.stderr ?? '',
      /^--dashboards is followed by -1: if .*, write --dashboards=-1\. See .*--help/,
    );
  });

  it('renews the commands that a file shows, and says when it cannot', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bas-cost-'));
    try {
      const file = join(folder, 'cost.md');
      writeFileSync(file, 'before\n\n<!-- npm run -s cost -- --devices 7 -->\nold\n<!-- end -->\n\nafter\n');
      assert.deepEqual(await run('cost', ['--write', file]), { code: 0, stdout: '', stderr: '' });
      const text = readFileSync(file, 'utf8');
      assert.match(
        text,
        /^before\n\n<!-- [^\n]+ -->\n\n```text\nAssumed\n {2}devices +7 [\s\S]*```\n\n<!-- end -->\n\nafter\n$/,
      );
      const { code, stderr } = await run('cost', ['--write', join(folder, 'none.md')]);
      assert.equal(code, 1);
      assert.match(stderr, /none\.md cannot be renewed: there is no such file or folder\.\n$/);
      writeFileSync(file, 'nothing to renew\n');
      const plain = await run('cost', ['--write', file]);
      assert.equal(plain.code, 1);
      assert.match(plain.stderr, /cost\.md cannot be renewed: no <!-- npm run -s cost [^\n]+\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
