import { PROBLEMS, type ProblemCode } from '@bas/core/errors';

/** Why an answer did not come: the server's own codes, and two of the way there. */
export type FailureCode = ProblemCode | 'unreachable' | 'unreadable';

/** A request that was not answered as hoped; `message` is for the person in front of the page. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  /** How long to wait before asking again; null when the server did not say. */
  readonly retry_after_ms: number | null;
  readonly request_id: string | null;
  /** Each reason of a refusal that has several. */
  readonly reasons: readonly string[];

  constructor(
    code: FailureCode,
    message: string,
    retry_after_ms: number | null = null,
    request_id: string | null = null,
    reasons: readonly string[] = [],
  ) {
    super(message);
    this.code = code;
    this.retry_after_ms = retry_after_ms;
    this.request_id = request_id;
    this.reasons = reasons;
  }

  /** Whether the same question may well be answered later. */
  get isPassing(): boolean {
    return (
      this.code === 'unreachable' ||
      this.code === 'read_budget' ||
      (isProblem(this.code) && PROBLEMS[this.code].status >= 500)
    );
  }
}

export function isProblem(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** What to tell a person about anything that was thrown. */
export function wordsFor(error: unknown): string {
  return error instanceof Failure ? error.message : 'Something went wrong on this page. Reload it.';
}
