/** What `npm test -- ...` means for mocha. */
import { existsSync, globSync, statSync } from 'node:fs';
import { UsageError } from './cli.ts';
import { rootDir } from './paths.ts';

const folders = ['functions/core', 'functions/test', 'hosting/src', 'hosting/test', 'scripts'];
const everything = folders.map((folder) => `${folder}/**/*.test.ts`);
const takesValue = new Set(['-g', '--grep', '-f', '--fgrep', '-t', '--timeout', '-s', '--slow', '--retries', '--jobs']);

const flags = new Set(['-b', '--bail', '-i', '--invert', '--full-trace', '--inspect', '--inspect-brk', '--exit']);

/** A path or glob stays; a folder means its test files; a bare word such as `telemetry-store` is part of a file's name. */
function asPattern(word: string): string {
  if (statSync(word, { throwIfNoEntry: false })?.isDirectory() === true)
    return `${word.replace(/\/$/, '')}/**/*.test.ts`;
  if (existsSync(word) || /[*?[{/]/.test(word)) return word;
  const pattern = `{${folders.join(',')}}/**/*${word.replace(/\.test\.ts$/, '')}*.test.ts`;
  if (globSync(pattern, { cwd: rootDir }).length > 0) return pattern;
  throw new UsageError(`No test file has ${JSON.stringify(word)} in its name. See npm test -- --help.`);
}

/** Splits the words given into options for mocha and patterns of files; all files when none is named. */
export function mochaArgs(words: readonly string[]): string[] {
  const options: string[] = [];
  const patterns: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) patterns.push(asPattern(word));
    else if (!takesValue.has(name(word)) && !flags.has(name(word)))
      throw new UsageError(`Unknown option '${word}'. See npm test -- --help.`);
    else options.push(word, ...(takesValue.has(word) ? words.slice(++at, at + 1) : []));
  }
  return [...options, ...(patterns.length > 0 ? patterns : everything)];
}

function name(option: string): string {
  return option.split('=', 1)[0] ?? option;
}

export const testHelp = `npm test [-- FILE...] [options of mocha]

Runs formatter, linter, types and every test, on a Firestore emulator of its own. With a FILE, or a part of its name,
only those tests: npm test -- telemetry-store

  -g TEXT, --grep TEXT  Only tests whose title has it
  -b, --bail            Stop at the first failure
  --help                Show this help`;
