import type { Arrival } from '../resilience/entrance.ts';
import type { Suite } from '../suite.ts';
import { clientAddress, networkOf } from './client-address.ts';
import type { HttpRequest } from './message.ts';

/** Before anything of the request is looked into: its tenant is a claim. */
export function arrivalOf({ config }: Suite, request: HttpRequest): Arrival {
  const tenant = request.header(config.tenant_header.toLowerCase());
  return { tenant, network: networkOf(clientAddress(request, config.trusted_proxy_hops)) };
}
