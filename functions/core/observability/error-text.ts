/**
 * What a log may tell of an error. Messages of others carry what they were given: ids in paths, parameters, pieces of a
 * body. So a message keeps its words and loses its values; a stack keeps the places in code, which hold none.
 */
import { SetupError } from '../errors.ts';

const MAX_MESSAGE = 600;
/** Looked through for what was sent; patterns then see the beginning of what is left. */
const MAX_SEARCHED = 20_000;
const MAX_FRAMES = 20;
const MAX_CAUSES = 3;
/** Shorter than this, a value that was sent is part of any word. */
const MIN_VALUE = 4;

/** A gRPC status, or a name as Node and SQLite give them. */
const CODE = /^(\d{1,3}|[A-Z][A-Z0-9_]{1,60})$/;

/** A place in code, as V8 writes it, and nothing that only looks like one. */
const FRAME = /^ {4}at (?:async )?(?:[\w$.<>#[\] ]+ \()?(?:file:|node:|\/|[A-Z]:\\)[^\s()]*:\d+:\d+\)?$/;

/** Printable characters as URLs and gRPC spell them. */
const ESCAPED = /%[2-7][0-9a-f]/gi;

const CUTS: readonly (readonly [RegExp, string])[] = [
  // What is quoted was given; after an odd quote nobody knows where it ends.
  [/(["`])(?:(?!\1).)*\1/g, '$1…$1'],
  [/(?<!\w)'[^']*'(?!\w)/g, "'…'"],
  [/(?<!…)["`](?!…).*$|(?<![\w…])'(?!…).*$/gm, '…'],
  // Paths of documents, files and URLs: the first part says which kind.
  [/([\w.:-]*)\/[^\s,;)]+/g, '$1/…'],
  [/\bBearer \S+/gi, 'Bearer …'],
  [/\b([\w-]*(?:token|password|secret|key|cookie|session|user|authorization)[\w-]*)\s*[=:]\s*\S+/gi, '$1=…'],
  [/[^\s@]+@[^\s@]+/g, '…@…'],
  [/(?<![\w:])(?=[0-9a-f:]*:[0-9a-f]*:)[0-9a-f:]{3,}(?:\.\d+)*/gi, '…'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '…'],
  // Ids, digests, and names that people choose; words of a language have no digits.
  [/(?=[\w+=~.-]*\d)(?=[\w+=~.-]*[a-z])[\w+=~.-]{8,}|[\w+=~-]{32,}/gi, '…'],
];

/** An error as a log tells it, with its causes. `sent` is what came with the request: it is cut wherever it stands. */
export function stackOf(error: unknown, sent: readonly string[] = []): string {
  const told: string[] = [];
  let cause = error;
  for (let depth = 0; cause !== undefined && depth <= MAX_CAUSES; depth += 1) {
    told.push(`${depth === 0 ? '' : 'caused by '}${oneError(cause, sent)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return told.join('\n');
}

function oneError(error: unknown, sent: readonly string[]): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const code = 'code' in error && CODE.test(String(error.code)) ? `[${String(error.code)}] ` : '';
  const message = `${code}${messageOf(error, sent)}`;
  return [`${withoutValues(error.name, sent)}: ${message}`, ...framesOf(error)].join('\n');
}

/** A `SetupError` is ours, of the configuration and of nobody's request: it is told as it is. */
function messageOf(error: Error, sent: readonly string[]): string {
  const { message } = error;
  return (error instanceof SetupError ? message : withoutValues(message, sent)).slice(0, MAX_MESSAGE);
}

/** The text in one line, without anything that looks like a value, or was one. */
export function withoutValues(text: string, sent: readonly string[] = []): string {
  const values = sent.filter(({ length }) => length >= MIN_VALUE).sort((a, b) => b.length - a.length);
  const known = values.reduce((rest, value) => rest.replaceAll(value, '…'), text.slice(0, MAX_SEARCHED));
  const line = known
    .slice(0, 2 * MAX_MESSAGE)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(ESCAPED, decodeURIComponent);
  return CUTS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), line);
}

function framesOf({ stack = '', message }: Error): readonly string[] {
  const lines = stack.split('\n').filter((line) => FRAME.test(line) && !message.includes(line));
  return lines.slice(0, MAX_FRAMES);
}
