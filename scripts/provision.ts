/** `infra/provision`: makes a Google Cloud project what `infra/` says, or tells what it would change. */
import { SetupError } from '@bas/core/errors';
import { text } from 'node:stream/consumers';
import { parseOptions, runCommand, UsageError, type ExitCode } from './lib/cli.ts';
import { allSteps } from './lib/provision/all-steps.ts';
import { ENVIRONMENTS, readDeclared, type Declared, type Environment, type Place } from './lib/provision/declared.ts';
import { Google } from './lib/provision/google.ts';
import { isProjectId, newVersion } from './lib/provision/secrets.ts';
import { runSteps, type Outcome, type Step } from './lib/provision/steps.ts';

const usage = {
  command: 'infra/provision',
  summary: 'Makes a project what infra/ says. Looks first and changes only what differs; safe to run again.',
  options: {
    project: { type: 'string', hint: 'ID', help: 'The Google Cloud project' },
    env: { type: 'string', hint: 'ENV', help: ENVIRONMENTS.join(', ') },
    plan: { type: 'boolean', default: false, help: 'Say what would change, and change nothing' },
    notify: { type: 'string', hint: 'EMAIL', help: 'Who is told of alerts; needed once' },
    secret: { type: 'string', hint: 'NAME', help: 'Only store the value of this secret, read from standard input' },
  },
  notes: [
    'A line for each thing: = as it must be, + added, ~ changed, ! left to you.',
    'Uses gcloud (gcloud auth login) and the Firebase CLI (npx firebase login). Exit 1: failed, or something is left to you.',
  ],
} as const;

interface Order extends Place {
  readonly plan: boolean;
  readonly notify: string | undefined;
  readonly secret: string | undefined;
}

function readOrder(args: readonly string[]): Order | null {
  const options = parseOptions(usage, args);
  if (options === null) return null;
  const { project, plan, notify, secret } = options;
  const env = environmentFrom(options.env);
  if (project === undefined) throw new UsageError('--project is missing.');
  if (!isProjectId(project)) {
    throw new UsageError('--project must be a project id: 6 to 30 of a-z, 0-9 and -, beginning with a letter.');
  }
  if (notify !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(notify)) {
    throw new UsageError(`--notify must be an e-mail address, not ${JSON.stringify(notify)}.`);
  }
  return { project, env, plan, notify, secret };
}

function environmentFrom(text: string | undefined): Environment {
  const env = ENVIRONMENTS.find((one) => one === text);
  if (env !== undefined) return env;
  const not = text === undefined ? '' : `, not ${JSON.stringify(text)}`;
  throw new UsageError(`--env must be one of ${ENVIRONMENTS.join(', ')}${not}.`);
}

async function stepsOf(google: Google, order: Order): Promise<readonly Step[]> {
  const declared = readDeclared(order);
  if (order.secret !== undefined) return [await secretStep(google, declared, order.secret)];
  return allSteps(google, order, declared, order.notify);
}

async function secretStep(google: Google, { secrets: names }: Declared, name: string): Promise<Step> {
  if (!names.includes(name)) throw new UsageError(`--secret must be one of ${names.join(', ')}.`);
  const value = (await text(process.stdin)).trim();
  if (value === '') throw new SetupError('Give the value on standard input.');
  return newVersion(google, name, value);
}

function summary({ same, changed, open }: Outcome, plan: boolean): string {
  const left = open === 0 ? '' : `, ${open} left to you`;
  return `${same} as declared, ${changed} ${plan ? 'would change' : 'changed'}${left}.`;
}

/** The one thing that a deploy takes from the machine it runs on. */
function accountAdvice({ project, env }: Place): string {
  return `Functions run as SERVICE_ACCOUNT=bas-app-${env}@ in functions/.env.${project}: put the line there before you deploy.`;
}

await runCommand(async (args): Promise<ExitCode> => {
  const order = readOrder(args);
  if (order === null) return 0;
  const { project, plan } = order;
  const google = new Google({ project, plan });
  const steps = await stepsOf(google, order);
  // Told before any step, because none has been begun.
  await google.signIn();
  const outcome = await runSteps(steps, { plan, say: (line) => console.log(line) });
  console.log(summary(outcome, plan));
  if (order.secret === undefined) console.log(accountAdvice(order));
  return outcome.open === 0 ? 0 : 1;
});
