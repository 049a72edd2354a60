/** Every regular expression that is written in the sources. */
import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { rootDir } from './command.ts';

export interface WrittenRegex {
  /** `functions/core/ids.ts:12`. */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

const SOURCES = ['functions/core/**/*.ts', 'functions/src/**/*.ts', 'hosting/src/**/*.{ts,tsx}'];

/** Literals, and patterns given to `RegExp` as text; those put together at run time are not to be seen here. */
export function writtenRegexes(): readonly WrittenRegex[] {
  const files = globSync(SOURCES, { cwd: rootDir, exclude: ['**/node_modules/**', '**/*.test.{ts,tsx}'] });
  return files.sort().flatMap((file) => regexesIn(join(rootDir, file)));
}

function regexesIn(path: string): readonly WrittenRegex[] {
  const text = readFileSync(path, 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: WrittenRegex[] = [];
  const visit = (node: ts.Node): void => {
    const regex = regexOf(node);
    if (regex !== null) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push({ place: `${relative(rootDir, path)}:${String(line + 1)}`, ...regex });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function regexOf(node: ts.Node): Omit<WrittenRegex, 'place'> | null {
  if (ts.isRegularExpressionLiteral(node)) {
    const end = node.text.lastIndexOf('/');
    return { source: node.text.slice(1, end), flags: node.text.slice(end + 1) };
  }
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'RegExp') return null;
  const [source, flags] = node.arguments ?? [];
  if (source === undefined || !ts.isStringLiteralLike(source)) return null;
  return { source: source.text, flags: flags !== undefined && ts.isStringLiteralLike(flags) ? flags.text : '' };
}
