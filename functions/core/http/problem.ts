import { PROBLEMS, type Problem } from '../errors.ts';
import type { HttpResponse } from './message.ts';

/**
 * The RFC 9457 document of a failure, with `advice` for whoever asked this route. Two failures of the same code and route
 * differ in nothing but `request_id`.
 */
export function problemResponse(problem: Problem, request_id: string, advice = ''): HttpResponse {
  const { status, title } = PROBLEMS[problem.code];
  const document = {
    type: `urn:bas:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: `${problem.detail}${advice}`,
    request_id,
    ...problem.members,
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (problem.retry_after_s !== undefined) headers['retry-after'] = String(Math.max(1, problem.retry_after_s));
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="bas"';
  return { status, headers, body: JSON.stringify(document) };
}
