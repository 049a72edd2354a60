import type { Answer } from '../../test/support/client.ts';
import type { ProblemCode } from '@bas/core/errors';
import type { Permission } from '@bas/core/model/role';
import type { ModelKey, ModelSession } from './state.ts';

/** What the model says that the suite must answer. */
export interface Expected {
  readonly status: number;
  /** Of a refusal. */
  readonly code?: ProblemCode;
  /** The whole body; what only the suite can know, such as a new id, is taken from its answer. */
  readonly body?: (answer: Answer) => unknown;
  /** Takes over what only the suite can know. */
  readonly learn?: (answer: Answer) => void | Promise<void>;
}

/** Who asks, once that is proven. */
export type Access = ModelSession | ModelKey;

/** One request of the suite, and what becomes of it for somebody who may ask. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
  /** What a session must be allowed to do; a device key may do nothing but write telemetry. */
  readonly permission: Permission;
  /** Told and carried out in the model; asked only after credential, tenant and role were found right. */
  readonly answer: (access: Access) => Expected;
}

export function refused(status: number, code: ProblemCode): Expected {
  return { status, code };
}

export const DEVICE_FORBIDDEN = refused(403, 'device_forbidden');
export const NOT_FOUND = refused(404, 'not_found');
export const INVALID_CURSOR = refused(400, 'invalid_cursor');
