/** What every function answers when it runs from where it was installed. */
import assert from 'node:assert/strict';
import { doors } from '../../src/doors.ts';
import { Caller, type HttpClient } from '../support/client.ts';
import type { Env } from '../support/command.ts';
import { deviceCaller, signIn } from '../support/people.ts';
import { fewAtATime, type Deployed, type RunningFunction } from './deployed.ts';
import { inhabit, type Inhabited } from '../support/inhabit.ts';
import { requestsFor, type FunctionRequest } from './requests.ts';

const ACME = { 'x-bas-tenant': 'acme' };

/** Starts a function for as long as `work` takes. */
export async function withFunction<T>(
  deployed: Deployed,
  [name, env]: readonly [name: string, env: Env],
  work: (client: HttpClient, running: RunningFunction) => Promise<T>,
): Promise<T> {
  const running = await deployed.start(name, env);
  try {
    return await work(running.client, running);
  } finally {
    await running.stop();
  }
}

/** Starts every HTTPS function on the store that `env` names, a few at a time, and makes its request. */
export async function everyFunctionAnswers(deployed: Deployed, env: Env): Promise<void> {
  const inhabited = await inhabit(env);
  try {
    const { first, between, last } = inOrder(inhabited);
    const people = await signInThere(deployed, env, inhabited);
    const ask = async (request: FunctionRequest): Promise<void> => {
      await withFunction(deployed, [request.name, env], (client) => answers(client, request, { people, inhabited }));
    };
    await ask(first);
    await fewAtATime(between, 3, ask);
    await ask(last);
  } finally {
    await inhabited.suite.close();
  }
}

/** The device posts before anybody asks for the point, and nobody signs out before all have asked. */
function inOrder({ device }: Inhabited): { first: FunctionRequest; between: FunctionRequest[]; last: FunctionRequest } {
  const [first, ...between] = requestsFor(device, Date.now());
  const last = between.pop();
  assert.ok(first && last);
  const asked = ['login', ...[first, ...between, last].map(({ name }) => name)];
  assert.deepEqual(asked.sort(), Object.keys(doors).sort());
  return { first, between, last };
}

type People = Readonly<Record<'admin' | 'platform', Caller>>;

async function signInThere(deployed: Deployed, env: Env, { admin, platform }: Inhabited): Promise<People> {
  return withFunction(deployed, ['login', env], async (client) => {
    const { username } = admin;
    const wrong = { username, password: 'not the password' };
    assert.equal((await client.send('POST', '/v1/login', { json: wrong })).code, 'tenant_mismatch');
    assert.equal((await client.send('POST', '/v1/login', { headers: ACME, json: wrong })).code, 'invalid_credentials');
    return { admin: await signIn(client, admin), platform: await signIn(client, platform) };
  });
}

async function answers(
  client: HttpClient,
  { name, by, method, path, json, status, body }: FunctionRequest,
  { people, inhabited }: { people: People; inhabited: Inhabited },
): Promise<void> {
  const { tenant_id, key } = inhabited.device;
  const callers = {
    anybody: new Caller(client, {}),
    device: deviceCaller(client, tenant_id, key),
    admin: new Caller(client, people.admin.headers),
    platform: new Caller(client, people.platform.headers),
  };
  if (by !== 'anybody') {
    const unproven = [{}, ACME].map((headers) => client.send(method, path, { headers, json }));
    const refused = (await Promise.all(unproven)).map((answer) => `${answer.status} ${String(answer.code)}`);
    assert.deepEqual(refused, ['403 tenant_mismatch', '401 unauthenticated'], name);
  }
  const answer = await callers[by].send(method, path, { json });
  assert.equal(answer.status, status, `${name}: ${answer.text}`);
  assert.match(answer.text, body, name);
  if (by === 'anybody') return;
  const onFirestore = inhabited.suite.config.home.kind === 'firestore';
  assert.equal(Number(answer.headers['x-read-count']) > 0, onFirestore, `${name} reads documents on Firestore only`);
}
