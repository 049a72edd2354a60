import type * as z from 'zod';
import type { UserAnswer } from '../http/answers.ts';
import type { User } from '../model/entities.ts';

/** A user as outsiders see one: never the hash. */
export function userAnswer({
  user_id,
  username,
  role,
  disabled,
  created_ms,
}: User): z.infer<ReturnType<typeof UserAnswer>> {
  return { user_id, username, role, disabled, created_ms };
}
