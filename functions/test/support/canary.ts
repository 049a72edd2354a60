/** Values that must never be read in a log, and a sender who puts them wherever a request has room. */
import { HttpClient, type Answer, type Sending } from './client.ts';

export const CANARY = {
  username: 'canary-user-7f3a',
  mistyped: 'canary-mistyped-91bc',
  password: 'Canary.Password.5e1d!',
  new_password: 'Canary.Changed.77aa!',
  wrong_password: 'Canary.Guess.c0de!',
  wrong_key: `bas_${'ca4a47'.repeat(5)}00_${'CanaryKey'.repeat(5).slice(0, 43)}`,
  wrong_token: 'CanaryToken'.repeat(4).slice(0, 43),
  address: '198.51.100.177',
  user_agent: 'CanaryBrowser/9.31 (Firefox; canary-build)',
  mail: 'canary.person@example.org',
  tag: 'canary-tag-2b2b',
  query: 'canaryquery4d4d',
  tenant: 'canary-tenant-8e8e',
  path: 'canary-path-6a6a',
} as const;

/** Where the secret begins in `bas_<32 hex digits>_<secret>`. */
const KEY_SECRET_AT = 37;

/** One who sends canaries with everything, and remembers the secrets that come back. */
export class CanarySender {
  readonly secrets = new Set<string>(Object.values(CANARY));
  sent = 0;
  readonly #client: HttpClient;

  constructor(url: string) {
    this.#client = new HttpClient(url);
  }

  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    this.sent += 1;
    const answer = await this.#client.send(method, path, {
      ...sending,
      headers: {
        'user-agent': CANARY.user_agent,
        'x-forwarded-for': `203.0.113.5, ${CANARY.address}`,
        traceparent: `00-${CANARY.query}`,
        'x-cloud-trace-context': `${CANARY.query}/1;o=1`,
        referer: `https://canary.example/${CANARY.path}`,
        ...sending.headers,
      },
    });
    for (const cookie of answer.headers['set-cookie'] ?? []) this.#remember(/^__session=([^;]{20,})/.exec(cookie)?.[1]);
    this.#remember(/"key":"(bas_[^"]+)"/.exec(answer.text)?.[1]);
    return answer;
  }

  /** Signs in and gives back the headers of whoever is signed in. */
  async signIn(tenant_id: string, username: string, password: string): Promise<Readonly<Record<string, string>>> {
    const headers = { 'x-bas-tenant': tenant_id };
    const answer = await this.send('POST', '/v1/login', { headers, json: { username, password } });
    const cookie = answer.headers['set-cookie']?.[0]?.split(';', 1)[0];
    if (cookie === undefined) throw new Error(`Sign-in answered ${String(answer.status)}: ${answer.text}`);
    return { ...headers, cookie };
  }

  close(): void {
    this.#client.close();
  }

  #remember(secret: string | undefined): void {
    if (secret !== undefined) this.secrets.add(secret);
  }
}

/** Every secret that stands somewhere in `text`, as it is or in another spelling. */
export function foundIn(text: string, secrets: ReadonlySet<string>): readonly string[] {
  const spellings = (secret: string): string[] => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64url').slice(0, -2),
    ...(secret.startsWith('bas_') ? [secret.slice(KEY_SECRET_AT)] : []),
  ];
  const small = text.toLowerCase();
  return [...secrets].filter((secret) => spellings(secret).some((one) => small.includes(one.toLowerCase())));
}
