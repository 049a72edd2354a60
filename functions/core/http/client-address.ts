import ipaddr from 'ipaddr.js';
import type { HttpRequest } from './message.ts';

/**
 * The client's address: `trusted_hops` from the right of X-Forwarded-For, because only what our own proxies appended
 * can be believed; what stands further left came from the client. 0 hops is the socket's address.
 */
export function clientAddress(request: HttpRequest, trusted_hops: number): string {
  if (trusted_hops === 0) return canonical(request.socket_address);
  const hops = (request.header('x-forwarded-for') ?? '').slice(-2_048).split(',');
  const hop = hops.length >= trusted_hops ? hops.at(-trusted_hops) : undefined;
  const claimed = hop?.trim() ?? '';
  return canonical(ipaddr.isValid(claimed) ? claimed : request.socket_address);
}

/** One spelling for each address; an IPv4 address mapped into IPv6 is the IPv4 address. */
function canonical(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : 'unknown';
}

/** Who stands behind an address: the address itself, or its /64, which one host may have to itself. */
export function hostOf(address: string): string {
  return ipaddr.isValid(address) && ipaddr.process(address).kind() === 'ipv4' ? address : networkOf(address);
}

/** The network an address stands for: /24 for IPv4, /64 for IPv6, so one host cannot pose as many. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  return bytes.slice(0, parsed.kind() === 'ipv4' ? 3 : 8).join('.');
}
