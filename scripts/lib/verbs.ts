/** Commands of several verbs, such as `npm run cutover -- status`. */
import { UsageError, type ExitCode } from './cli.ts';

export interface CommandOfVerbs<Verb extends string> {
  /** As typed: `npm run cutover`. */
  readonly command: string;
  readonly verbs: Readonly<Record<Verb, { readonly summary: string }>>;
  /** What holds for each of them, as the overview tells it. */
  readonly note: string;
}

/** Has the verb acted that the line begins with. Without one, or for --help, prints which there are. */
export async function runVerb<Verb extends string>(
  of: CommandOfVerbs<Verb>,
  [word, ...rest]: readonly string[],
  act: (verb: Verb, args: readonly string[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (word === undefined || word === '--help' || word === '-h') {
    console.log(overview(of));
    return word === undefined ? 2 : 0;
  }
  if (!isVerb(of.verbs, word)) throw new UsageError(`${word} is no verb: use ${Object.keys(of.verbs).join(', ')}.`);
  return act(word, rest);
}

function isVerb<Verb extends string>(verbs: Readonly<Record<Verb, unknown>>, word: string): word is Verb {
  return Object.hasOwn(verbs, word);
}

function overview({ command, verbs, note }: CommandOfVerbs<string>): string {
  const width = Math.max(...Object.keys(verbs).map((verb) => verb.length));
  const rows = Object.entries(verbs).map(([verb, { summary }]) => `  ${verb.padEnd(width)} ${summary}`);
  return [`${command} -- VERB [options]`, '', ...rows, '', note, `Options of a verb: ${command} -- VERB --help`].join(
    '\n',
  );
}
