/** npm run bench: every promise in figures, as ratios taken within one run; prints the table and writes docs/bench.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureBackfill } from '../functions/bench/backfill.ts';
import { measureColdStarts } from '../functions/bench/cold-start.ts';
import { measureCutover } from '../functions/bench/cutover.ts';
import { measureFirestore } from '../functions/bench/firestore.ts';
import { makeFixture } from '../functions/bench/fixture.ts';
import { renderReport, type Row } from '../functions/bench/report.ts';
import { measureLogging } from '../functions/bench/logging.ts';
import { measurePageReads } from '../functions/bench/page-reads.ts';
import { measurePage } from '../functions/bench/page.ts';
import { measureSizes } from '../functions/bench/sizes.ts';
import { measureSqlite } from '../functions/bench/sqlite.ts';
import { optionsOrExit } from './lib/cli.ts';
import { startFirestore } from './lib/firestore-emulator.ts';
import { rootDir } from './lib/paths.ts';

const PARTS = ['sizes', 'firestore', 'cold', 'sqlite', 'backfill', 'cutover', 'logging', 'page', 'page-reads'] as const;
type Part = (typeof PARTS)[number];

const options = optionsOrExit({
  command: 'npm run bench --',
  summary: 'Measures the suite against plain contenders, in turn, within one run; prints a table and writes it.',
  options: {
    only: { type: 'string', default: PARTS.join(','), hint: 'PARTS', help: 'What to measure' },
    out: { type: 'string', hint: 'FILE', help: 'Where to write (default docs/bench.md)' },
  },
  notes: ['All of it takes about half an hour and a gigabyte of disk.'],
});
const wanted = options.only.split(',').map((word) => {
  const part = PARTS.find((name) => name === word);
  if (part !== undefined) return part;
  console.error(`--only takes ${PARTS.join(', ')}, not ${JSON.stringify(word)}.`);
  process.exit(2);
});
await main();

async function main(): Promise<void> {
  const emulator = await startFirestore();
  const rows: Row[] = [];
  try {
    for (const part of wanted) {
      console.error(`measuring: ${part}`);
      rows.push(...(await measure(part, emulator.host)));
    }
  } finally {
    await emulator.stop();
  }
  const narrowed = wanted.length < PARTS.length ? ` -- --only ${wanted.join(',')}` : '';
  const report = renderReport(`npm run bench${narrowed}`, rows, new Date());
  const file = options.out ?? join(rootDir, 'docs', 'bench.md');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, report);
  console.log(report);
  if (rows.some(({ holds }) => holds === false)) process.exitCode = 1;
}

async function measure(part: Part, emulator_host: string): Promise<readonly Row[]> {
  switch (part) {
    case 'sizes':
      return measureSizes(rootDir);
    case 'firestore':
      return measureFirestore(emulator_host);
    case 'sqlite':
      return measureSqlite();
    case 'backfill':
      return measureBackfill(emulator_host);
    case 'cutover':
      return measureCutover(emulator_host);
    case 'logging':
      return measureLogging(emulator_host);
    case 'page':
      return measurePage();
    case 'page-reads':
      return measurePageReads(emulator_host);
    case 'cold': {
      const env = {
        GCP_PROJECT_ID: `demo-cold-${String(process.pid)}`,
        FIRESTORE_EMULATOR_HOST: emulator_host,
        USE_FIRESTORE_TELEMETRY: '1',
        USE_FIRESTORE_AUDIT: '1',
        USE_FIRESTORE_AUTH: '1',
      };
      return measureColdStarts(env, await makeFixture(env, 1_000));
    }
  }
}
