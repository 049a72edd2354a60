/** Whether an answer is one that the suite may give. */
import { PROBLEMS, type ProblemCode } from '@bas/core/errors';
import { homedir } from 'node:os';
import * as z from 'zod';
import { rootDir } from '../../../scripts/lib/paths.ts';
import type { Heard } from './connection.ts';
import type { FuzzRequest } from './request.ts';

const Document = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().max(600),
  request_id: z.string().optional(),
});

/** What Node itself says of heads that are no HTTP; there is no request yet that the suite could answer. */
const UNREADABLE: ReadonlySet<number> = new Set([400, 408, 413, 431]);
/** A place in code, or a folder of any machine: neither is for outsiders. */
const INNER = /\bat [^"]*:\d+:\d+|node_modules|file:\/\/|\/(?:home|root|tmp|usr)\/|node:internal/;
/** Nor are the folders of this one. */
const FOLDERS = [rootDir, homedir()].map((folder) => `${folder}/`);

/** How the functions framework answers to a target that is no path, before any function is asked. */
const FRAMEWORKS_OWN = /^<!DOCTYPE html>\s[\s\S]{0,200}<pre>Cannot [A-Z]+ [^<]{0,100}<\/pre>/;
/** A body of nothing, sent in chunks. */
const NO_CHUNKS = '0\r\n\r\n';

export interface Verdict {
  /** What is wrong with it; null when nothing is. */
  readonly fault: string | null;
  /** The problem's code, `done`, or how it was cut off. */
  readonly outcome: string;
}

/** Judges the answer by itself, and by what the request must be told. */
export function judge(request: FuzzRequest, heard: Heard): Verdict {
  if (heard.hung) return { fault: 'no answer in time', outcome: 'hang' };
  if (heard.status === 0) return cutOff(request);
  if (heard.status >= 500) return { fault: `answered ${String(heard.status)}`, outcome: String(heard.status) };
  if (heard.status >= 400 && tellsOfInsides(heard.body)) return { fault: 'tells of its insides', outcome: 'told' };
  if (heard.status < 400) return { fault: mustBeRefused(request, 'done'), outcome: 'done' };
  if (request.method === 'HEAD') return { fault: null, outcome: `HEAD ${String(heard.status)}` };
  const isProblem = heard.headers.get('content-type') === 'application/problem+json';
  if (!isProblem) return bare(request, heard);
  return problem(request, heard);
}

/** Bytes that are no HTTP may be met with an end; a request may not. */
function cutOff(request: FuzzRequest): Verdict {
  const allowed = request.raw !== undefined;
  return { fault: allowed ? null : 'the connection ended without an answer', outcome: 'cut off' };
}

function bare({ raw }: FuzzRequest, { status, headers, body }: Heard): Verdict {
  const outcome = `bare ${String(status)}`;
  const ends = headers.get('connection')?.toLowerCase() === 'close';
  const unreadable = UNREADABLE.has(status) && (body === '' || body === NO_CHUNKS) && ends;
  const allowed = raw !== undefined && (unreadable || (status === 404 && FRAMEWORKS_OWN.test(body)));
  return { fault: allowed ? null : 'refused without a problem document', outcome };
}

function problem(request: FuzzRequest, { status, headers, body }: Heard): Verdict {
  const document = Document.safeParse(asJson(body)).data;
  if (document === undefined) return { fault: 'not the shape of a problem', outcome: String(status) };
  const { code, request_id } = document;
  if (!isCode(code)) return { fault: `unknown code ${code}`, outcome: code };
  const known = PROBLEMS[code];
  const told = headers.get('x-request-id');
  const faults = [
    status === known.status && document.status === known.status ? null : `status ${String(status)} for ${code}`,
    document.type === `urn:bas:problem:${code}` && document.title === known.title
      ? null
      : 'type or title is not its own',
    headers.get('cache-control') === 'private, no-store' ? null : 'may be cached',
    request.raw !== undefined || (told !== undefined && told === request_id) ? null : 'no request id',
    mustBeRefused(request, code),
  ];
  return { fault: faults.find((fault) => fault !== null) ?? null, outcome: code };
}

function mustBeRefused({ must }: FuzzRequest, outcome: string): string | null {
  if (must === undefined || must.some((code) => code === outcome)) return null;
  // A budget may be used up before anything is looked at, and that is no fault.
  if (outcome === 'read_budget' || outcome === 'sign_in_throttled') return null;
  return `must be ${must.join(' or ')}, is ${outcome}`;
}

function isCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

function tellsOfInsides(body: string): boolean {
  return INNER.test(body) || FOLDERS.some((folder) => body.includes(folder));
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
