import type { CutoverControl } from '../cutover/control.ts';
import type { Exchange } from '../http/exchange.ts';
import type { SessionAccess } from './access.ts';

/** Who runs the platform: the cutover, in their name. */
export interface OperatorAccess {
  readonly cutover: CutoverControl;
}

export async function operatorAccess(
  { suite, address, user_agent, request_id }: Exchange,
  { session, stores }: SessionAccess,
): Promise<OperatorAccess> {
  const { cutoverControl } = await import('../cutover/control.ts');
  const by = { source: 'http', user_id: session.user_id, ip: address, user_agent, request_id };
  return { cutover: cutoverControl({ suite, by, audit: stores.audit }) };
}
