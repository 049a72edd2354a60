/** No input makes a regular expression of ours take long: as proven by automaton, or as measured with what it repeats. */
import assert from 'node:assert/strict';
import { writtenRegexes, type WrittenRegex } from './support/regexes.ts';

const LONGEST = 50_000;
const BAR_MS = 50;
const TRIES = 3;
/** Most proofs take an instant, some seconds. */
const PROOF_MS = 30_000;
/** Where there is no proof: what grows with the square of so many characters takes seconds. */
const DECIDING = 400_000;

/** Not linear, which does not matter where this many characters are all that it is ever shown. */
const BOUNDED: Readonly<Record<string, { readonly length: number; readonly why: string }>> = {
  '([\\w.:-]*)\\/[^\\s,;)]+': { length: 1_200, why: 'twice the longest message of a log' },
  '\\b([\\w-]*(?:token|password|secret|key|cookie|session|user|authorization)[\\w-]*)\\s*[=:]\\s*\\S+': {
    length: 1_200,
    why: 'the same',
  },
  '[^\\s@]+@[^\\s@]+': { length: 1_200, why: 'the same' },
  '(["`])(?:(?!\\1).)*\\1': { length: 1_200, why: 'the same' },
  "(?<!\\w)'[^']*'(?!\\w)": { length: 1_200, why: 'the same' },
  '(?<!…)["`](?!…).*$|(?<![\\w…])\'(?!…).*$': { length: 1_200, why: 'the same' },
  '(?<![\\w:])(?=[0-9a-f:]*:[0-9a-f]*:)[0-9a-f:]{3,}(?:\\.\\d+)*': { length: 1_200, why: 'the same' },
  '(?=[\\w+=~.-]*\\d)(?=[\\w+=~.-]*[a-z])[\\w+=~.-]{8,}|[\\w+=~-]{32,}': { length: 1_200, why: 'the same' },
  '^_+(?=[A-Za-z])|_+$': { length: 1_000, why: "the beginning of a column's title" },
  '[. ]+$': { length: 1_000, why: 'the beginning of what Google says of a failure' },
  ' Resolution note:.*$': { length: 1_000, why: 'the same' },
  '\\/collectionGroups\\/([^/]+)\\/(indexes|fields)\\/(.+)$': {
    length: 1_000,
    why: "the name of a resource of Google's",
  },
  '(^|[;\\t\\r\\n])(?=[" ]*[=+\\-@＝＋－＠])|^(?=[\\t\\r\\n])': {
    length: 1_000,
    why: 'a cell: a name, or a value of 256 bytes',
  },
  '\\d+$': { length: 64, why: 'a part of the name of a metric' },
};

/** How a text begins, and what comes then over and over. */
type Pump = readonly [string, string];

/** What the proof cannot decide: the beginnings and repetitions that drive each furthest, and what was measured with them. */
const UNDECIDED: Readonly<Record<string, { readonly why: string; readonly pumps: readonly Pump[] }>> = {
  '^\\{(?:"[A-Za-z_][\\w.:-]*":(?:-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:e[+-]\\d+)?|true|false|"(?:[^"\\\\\\u0000-\\u001f]|\\\\["\\\\bfnrt]|\\\\u[\\da-f]{4})*")(?:,(?=")|(?=\\}$)))+\\}$':
    {
      why: 'looks ahead; 1.0 ms for 100,000 characters, 3.5 ms for 400,000',
      pumps: [
        ['{', '"a":1,'],
        ['{', '"a":"b",'],
        ['{"', 'a'],
        ['{"a":', '1'],
        ['{"a":"', 'b'],
      ],
    },
  '^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$': {
    why: 'looks ahead; 0.1 ms, and 0.2 ms',
    pumps: [[`00-${'1'.repeat(32)}-${'1'.repeat(16)}-00-`, 'a']],
  },
  '^([a-z0-9:]{1,60})\\$([^$]{0,128})\\$(.*)$': {
    why: 'the automata for its repetitions are too large; 0.1 ms, and 0.2 ms',
    pumps: [
      ['', 'a'],
      ['', 'a$'],
      ['a$', 'a'],
      ['a$a$', '$'],
    ],
  },
  '^[+-]?(?:0|[1-9]\\d*|(?=\\.\\d))(?:\\.\\d*)?(?:[eE][+-]?\\d+)?$': {
    why: 'looks ahead; 0.2 ms, and 1.0 ms',
    pumps: [
      ['', '1'],
      ['.', '1'],
      ['1.1e', '1'],
    ],
  },
  '\\bgzip\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))': {
    why: 'looks ahead; 0.4 ms, and 1.6 ms',
    pumps: [
      ['gzip', ' '],
      ['gzip;', ' '],
      ['gzip;q=0', ' '],
      ['gzip;q=0.', '0'],
      ['', 'gzip;q=0,'],
    ],
  },
};

describe('regular expressions', function () {
  this.timeout(120_000);
  const written = writtenRegexes();

  it('are found where they stand', () => {
    assert.ok(written.length > 80);
    assert.ok(written.some(({ place }) => /^functions\/core\/sessions\/cookie\.ts:\d+$/.test(place)));
    const sources = new Set(written.map(({ source }) => source));
    assert.deepEqual(
      [BOUNDED, UNDECIDED].flatMap((list) => Object.keys(list).filter((source) => !sources.has(source))),
      [],
      'no exemption for what is not there',
    );
  });

  it('are proven linear by their automata, or measured, or see short texts only', async () => {
    process.env['RECHECK_BACKEND'] = 'pure';
    const { checkSync } = await import('recheck');
    const params = { checker: 'automaton', timeout: PROOF_MS } as const;
    const bad = once(written).filter(({ source, flags }) => {
      if (source in BOUNDED || source in UNDECIDED) return false;
      return checkSync(source, flags, params).status !== 'safe';
    });
    assert.deepEqual(told(bad), []);
  });

  it('take no longer for 400,000 characters that drive them far, where there is no proof', () => {
    for (const regex of once(written)) {
      for (const pump of UNDECIDED[regex.source]?.pumps ?? []) {
        assert.ok(isLinear(regex, pump), `${regex.source} for ${pump.join(' and then ')}`);
      }
    }
    assert.ok(!isLinear({ place: 'here', source: '^a:b*b*!$', flags: '' }, ['a:', 'b'], 20_000));
  });

  it('take no longer than an instant for 50,000 characters made of what they look for', () => {
    assert.deepEqual(told(once(written).filter((regex) => slowest_ms(regex) > BAR_MS)), []);
  });

  it('are measured with texts that show one which is not linear', () => {
    for (const source of ['\\s+$', 'a+b', '[_-]+=']) {
      assert.ok(slowest_ms({ place: 'here', source, flags: '' }, 20_000) > BAR_MS, source);
    }
  });
});

function once(written: readonly WrittenRegex[]): readonly WrittenRegex[] {
  return [...new Map(written.map((regex) => [`${regex.source}/${regex.flags}`, regex])).values()];
}

function told(regexes: readonly WrittenRegex[]): readonly string[] {
  return regexes.map(({ place, source, flags }) => `${place}: /${source}/${flags}`);
}

/** The best of several, so that a machine which is busy with other things counts for nothing. */
function slowest_ms({ source, flags }: WrittenRegex, length = BOUNDED[source]?.length ?? LONGEST): number {
  const regex = new RegExp(source, flags.replace('g', ''));
  return Math.max(...pumped(source, length).map((text) => bestOf(() => regex.exec(text))));
}

/** Whether it passes over as many characters as take any other kind far beyond the bar. */
function isLinear({ source, flags }: WrittenRegex, [head, unit]: Pump, length = DECIDING): boolean {
  const regex = new RegExp(source, flags.replace('g', ''));
  const text = `${head}${unit.repeat(length / unit.length)}\u0000`;
  return bestOf(() => regex.exec(text)) <= BAR_MS;
}

function bestOf(work: () => unknown): number {
  let best_ms = Infinity;
  for (let tries = 0; tries < TRIES && best_ms > BAR_MS; tries += 1) {
    const started_ms = performance.now();
    work();
    best_ms = Math.min(best_ms, performance.now() - started_ms);
  }
  return best_ms;
}

/** One letter of each class, each letter that it names, and pairs of neighbours, over and over, with an end that fits nothing. */
function pumped(source: string, length: number): readonly string[] {
  const named = source.replace(/\\[a-zA-Z0-9]/g, '').match(/[\w\s"'`./:;=@+-]/g) ?? [];
  const letters = [...new Set(['a', 'A', '0', ' ', '_', '-', ...named])];
  const pairs = letters.map((letter, at) => `${letter}${letters[at + 1] ?? letter}`);
  return [...letters, ...pairs].map((unit) => `${unit.repeat(length / unit.length)}\u0000`);
}
