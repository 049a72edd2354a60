/** A project that was just made: its APIs are off, and what is new is not known everywhere at once. */
import type { IncomingHttpHeaders } from 'node:http';
import { Refusal, type World } from './world.ts';

interface Asked {
  readonly api: string;
  readonly path: string;
  readonly call: string;
  readonly changes: boolean;
}

/** The refusal of an API that is off, in the words of Google's front end. */
export function switchedOff(api: string): Refusal {
  const message =
    `The API of ${api} has not been used in project 1234567890 before or it is disabled. Enable it by visiting ` +
    `https://console.developers.google.com/apis/api/${api}.googleapis.com/overview?project=1234567890 then retry. If ` +
    'you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.';
  const reason = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'SERVICE_DISABLED' };
  const metadata = { service: `${api}.googleapis.com`, consumer: 'projects/1234567890' };
  return new Refusal(403, message, { details: [{ ...reason, domain: 'googleapis.com', metadata }] });
}

export class NewProject {
  readonly #services: () => World;
  /** What was refused once, and is not any more. */
  readonly #known = new Set<string>();

  constructor(services: () => World) {
    this.#services = services;
  }

  /** Throws while this is refused. */
  check({ api, path, call, changes }: Asked, headers: IncomingHttpHeaders, body: unknown): void {
    // Service Usage is off too: who asks it at the project's expense is refused, and the others are not.
    const ready = api === 'serviceusage' && headers['x-goog-user-project'] === undefined;
    if (!ready && !this.#isOn(api, path)) throw switchedOff(api);
    if (api !== 'serviceusage' && this.#first(`${api} ${changes ? 'change' : 'read'}`)) throw switchedOff(api);
    if (!call.endsWith('setIamPolicy')) return;
    const [, account] = /serviceAccount:([^"]+)/.exec(JSON.stringify(body)) ?? [];
    if (account !== undefined && this.#first(`${api} ${account}`)) {
      throw new Refusal(400, `Service account ${account} does not exist.`);
    }
  }

  #isOn(api: string, path: string): boolean {
    const project = /projects\/([^/:]+)/.exec(path)?.[1] ?? 'demo-bas';
    return this.#services().things.has(`projects/${project}/services/${api}.googleapis.com`);
  }

  #first(what: string): boolean {
    const known = this.#known.has(what);
    this.#known.add(what);
    return !known;
  }
}
