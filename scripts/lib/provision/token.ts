/** The access token of whoever provisions: gcloud's own, from where gcloud itself would take it. */
import { SetupError } from '@bas/core/errors';
import { readFile } from 'node:fs/promises';
import { runTool } from './tool.ts';

const TOKEN_FILE = 'CLOUDSDK_AUTH_ACCESS_TOKEN_FILE';
const OR_SIGN_IN = 'or unset it and run gcloud auth login.';

/** From the file that the environment names, else from gcloud. */
export async function readToken(env: NodeJS.ProcessEnv): Promise<string> {
  const file = env[TOKEN_FILE];
  return file === undefined || file === '' ? tokenOfGcloud(env) : tokenIn(file);
}

async function tokenIn(file: string): Promise<string> {
  let token: string;
  try {
    token = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new SetupError(`${TOKEN_FILE}: ${file} cannot be read. Name a file that holds a token, ${OR_SIGN_IN}`, {
      cause: error,
    });
  }
  // Anything else could not stand in a header, whose refusal would show it.
  if (/^[\x20-\x7e]+$/.test(token)) return token;
  throw new SetupError(`${TOKEN_FILE}: ${file} holds no token. Put one there, ${OR_SIGN_IN}`);
}

async function tokenOfGcloud(env: NodeJS.ProcessEnv): Promise<string> {
  try {
    return (await runTool('gcloud', ['auth', 'print-access-token', '--quiet'], { env })).trim();
  } catch (error) {
    if (!(error instanceof SetupError) || !error.message.includes('gcloud auth login')) throw error;
    throw new SetupError(
      'Nobody is signed in to Google Cloud here, or no longer: run gcloud auth login, then this command again.',
      { cause: error },
    );
  }
}
