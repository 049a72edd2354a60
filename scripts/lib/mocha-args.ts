/** What `npm test -- ...` means for mocha. */
import { existsSync } from 'node:fs';

const everything = ['functions/core/**/*.test.ts', 'functions/test/**/*.test.ts', 'scripts/**/*.test.ts'];
const takesValue = new Set(['-g', '--grep', '-f', '--fgrep', '-t', '--timeout', '-s', '--slow', '--retries', '--jobs']);

/** A path or glob stays; a bare word such as `telemetry-store` is part of a file's name. */
function asPattern(word: string): string {
  if (existsSync(word) || /[*?[{/]/.test(word)) return word;
  return `{functions/core,functions/test,scripts}/**/*${word.replace(/\.test\.ts$/, '')}*.test.ts`;
}

/** Splits the words given into options for mocha and patterns of files; all files when none is named. */
export function mochaArgs(words: readonly string[]): string[] {
  const options: string[] = [];
  const patterns: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) patterns.push(asPattern(word));
    else options.push(word, ...(takesValue.has(word) ? words.slice(++at, at + 1) : []));
  }
  return [...options, ...(patterns.length > 0 ? patterns : everything)];
}
