/** Asks for a password without showing it, or reads it from standard input; it never stands on a command line. */
import { SetupError } from '@bas/core/errors';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const MAX_INPUT_BYTES = 16_384;

/** On a terminal it is asked for twice; otherwise it is the first line of standard input. */
export async function readNewPassword(whose: string): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const password = await askUnseen(`New password for ${whose}: `);
  if ((await askUnseen('The same again: ')) === password) return password;
  throw new SetupError('The two passwords differ: nothing was changed.');
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_INPUT_BYTES) break;
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new SetupError('No password came on standard input: send it as one line, or use a terminal.');
  return line;
}

async function askUnseen(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('SIGINT', () => reject(new SetupError('Stopped: nothing was changed.')));
      lines.once('close', () => reject(new SetupError('No password was given: nothing was changed.')));
      lines.question('').then(resolve, reject);
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
