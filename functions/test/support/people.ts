/** People who sign in to a running service over HTTP. */
import { Caller, type HttpClient } from './client.ts';

export interface SignIn {
  readonly tenant_id: string;
  readonly username: string;
  readonly password: string;
}

/** Signs in through the door, or fails with its answer. */
export async function signIn(client: HttpClient, { tenant_id, username, password }: SignIn): Promise<Caller> {
  const headers = { 'x-bas-tenant': tenant_id, 'user-agent': 'node' };
  const answer = await client.send('POST', '/v1/login', { headers, json: { username, password } });
  if (answer.status !== 200) throw new Error(`Sign-in answered ${answer.status}: ${answer.text}`);
  const cookie = answer.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
  return new Caller(client, { ...headers, cookie });
}

export function deviceCaller(client: HttpClient, tenant_id: string, key: string): Caller {
  return new Caller(client, { 'x-bas-tenant': tenant_id, authorization: `Bearer ${key}` });
}
